import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Sampling } from '../../ir/request.ts'
import { count, number, texts } from './fields.ts'

export function decodeSampling(fields: Fields): Sampling {
  return defined({
    temperature: fields.want('temperature', number),
    topP: fields.want('p', number),
    topK: fields.want('k', count),
    seed: fields.want('seed', number),
    stop: fields.want('stop_sequences', texts),
    frequencyPenalty: fields.want('frequency_penalty', number),
    presencePenalty: fields.want('presence_penalty', number),
  })
}

/** What each setting may be (SDK 8.1.0 `V2ChatRequest`; the temperature's upper end is the API's own 400). */
const ranges = {
  temperature: [0, 1],
  topP: [0.01, 0.99],
  topK: [0, 500],
  frequencyPenalty: [0, 1],
  presencePenalty: [0, 1],
} as const // a table of literals

type Ranged = keyof typeof ranges

/** Most stop sequences of a request. */
const mostStops = 5

/** Sampling in this wire's words and within its limits (traps COH-05 to COH-07). */
export function encodeSampling(sampling: Sampling, notes: Notes): JsonObject {
  const { seed, stop } = sampling
  const within = (name: Ranged) => clamp(name, sampling[name], notes)
  if (seed !== undefined && seed < 0) notes.add('dropped', 'sampling.seed', 'a seed is not negative here')
  if (stop !== undefined && stop.length > mostStops)
    notes.add('refused', 'sampling.stop', `there are ${mostStops} stop sequences at most here`)
  return defined({
    temperature: within('temperature'),
    p: within('topP'),
    k: within('topK'),
    seed: seed !== undefined && seed >= 0 ? seed : undefined,
    stop_sequences: stop?.slice(0, mostStops),
    ...encodePenalties(sampling, within, notes),
  })
}

function clamp(name: Ranged, value: number | undefined, notes: Notes): number | undefined {
  if (value === undefined) return undefined
  const [least, most] = ranges[name]
  const nearest = Math.min(most, Math.max(least, value))
  if (nearest === value) return value
  // A penalty below nothing is a reward, which is another thing than none.
  const isReward = name.endsWith('Penalty') && value < least
  notes.add(isReward ? 'refused' : 'clamped', `sampling.${name}`, `it is from ${least} to ${most} here`)
  return isReward ? undefined : nearest
}

/** The two penalties exclude each other: the one against repetition stays, since it also does some of the other's work. */
function encodePenalties(
  { frequencyPenalty = 0, presencePenalty = 0 }: Sampling,
  within: (name: Ranged) => number | undefined,
  notes: Notes,
): JsonObject {
  const [frequency, presence] = [within('frequencyPenalty'), within('presencePenalty')]
  if (frequency === undefined || presence === undefined)
    return defined({ frequency_penalty: frequency, presence_penalty: presence })
  if (frequencyPenalty === 0) return { presence_penalty: presence }
  if (presencePenalty !== 0)
    notes.add('dropped', 'sampling.presencePenalty', 'it does not go with frequency_penalty here')
  return { frequency_penalty: frequency }
}
