import type { Quirk } from '../../../core/quirk.ts'
import { without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

const names = new Set(['stream_options'])

export const noStreamOptions: Quirk = {
  id: 'no-stream-options',
  reason:
    'Answers stream_options with 400 or 422, and sends usage without being asked (openai/openai-agents-python#442).',
  request(wire) {
    if (wire.stream_options === undefined) return unchanged(wire)
    return changed(without(wire, names), {
      kind: 'dropped',
      path: 'streamUsage',
      reason: 'This upstream refuses stream_options; usage is told where it sends it by itself.',
    })
  },
}
