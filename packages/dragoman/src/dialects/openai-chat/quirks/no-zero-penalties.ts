import type { Quirk } from '../../../core/quirk.ts'
import { without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

const fields = ['frequency_penalty', 'presence_penalty']

/** A penalty of 0 is none, so leaving it out loses nothing. */
export const noZeroPenalties: Quirk = {
  id: 'no-zero-penalties',
  reason:
    'Answers a penalty with 400 even where it is 0: "Model X does not support parameter presencePenalty." (NativeTavern#83; another host’s frequency_penalty has to be more than 0).',
  request(wire) {
    const zeros = fields.filter(field => wire[field] === 0)
    return zeros.length === 0 ? unchanged(wire) : changed(without(wire, new Set(zeros)))
  },
}
