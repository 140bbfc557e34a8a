import type { Quirk } from '../../../core/quirk.ts'
import { isObject, without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

const names = new Set(['response_format'])

/** Text is the format of an answer that nobody gave another, so leaving it out loses nothing. */
export const noTextFormat: Quirk = {
  id: 'no-text-format',
  reason: 'Refuses the format text beside tools (tensorzero, adapter of a host).',
  request(wire) {
    const { response_format: format } = wire
    return isObject(format) && format.type === 'text' ? changed(without(wire, names)) : unchanged(wire)
  },
}
