import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { Finish, FinishReason } from '../../ir/reply.ts'
import { own } from '../../wire/json.ts'

/** The three words of openai-node 7.57.0, then those of engines that say why they gave up. */
const reasons: { readonly [word: string]: FinishReason } = {
  stop: 'stop',
  length: 'length',
  content_filter: 'content-filter',
  error: 'error',
  abort: 'error',
}

/** A failed answer is called so: no word of the three would be true. */
const words: { readonly [R in FinishReason]: string } = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content_filter',
  'tool-calls': 'stop',
  pause: 'stop',
  error: 'error',
  unknown: 'stop',
}

export function decodeFinish(raw: string | undefined): Finish {
  const known = raw === undefined ? undefined : own(reasons, raw)
  return defined({ reason: known ?? 'unknown', raw })
}

/** The word for a finish; one that only a host has goes back where the model has no reason for it. */
export function encodeFinish(finish: Finish, isOwn: boolean, path: string, notes: Notes): string {
  notes.foreign(finish, path, 'reply')
  const { reason, raw, stopSequence, explanation } = finish
  if (stopSequence !== undefined)
    notes.add('dropped', `${path}.stopSequence`, 'which sequence matched is not told here')
  if (explanation !== undefined) notes.add('dropped', `${path}.explanation`, 'why it ended is not told here')
  if (isOwn && raw !== undefined && (reason === 'unknown' || own(reasons, raw) === reason)) return raw
  if (words[reason] === 'stop' && reason !== 'stop')
    notes.add('approximated', `${path}.reason`, `there is no word for ${raw ?? reason} here`)
  return words[reason]
}
