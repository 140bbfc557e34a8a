import { isList, numberOf, objectsOf } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import { isObject } from '../../wire/json.ts'
import { carriedBy, carry, putBack, restOf } from './wire.ts'

type Alternative = TokenLogprob['top'][number]

const fields = new Set(['token', 'logprob', 'bytes', 'top_logprobs'])

function bytesOf(value: JsonValue | undefined): { readonly bytes?: readonly number[] | null } {
  if (value === null) return { bytes: null }
  return isList(value) ? { bytes: value.filter(byte => typeof byte === 'number') } : {}
}

function decodeAlternative(wire: JsonObject): Alternative {
  return {
    token: typeof wire.token === 'string' ? wire.token : '',
    logprob: numberOf(wire.logprob) ?? 0,
    ...bytesOf(wire.bytes),
    ...carry(restOf(wire, fields)),
  }
}

/** Token log probabilities of content or of a refusal; undefined where the list is absent or null. */
export function decodeLogprobs(list: JsonValue | undefined): readonly TokenLogprob[] | undefined {
  if (!isList(list)) return undefined
  return objectsOf(list).map(wire => ({
    ...decodeAlternative(wire),
    top: objectsOf(wire.top_logprobs).map(decodeAlternative),
  }))
}

function encodeAlternative({ token, logprob, bytes = null }: Alternative): JsonObject {
  return { token, logprob, bytes: bytes === null ? null : [...bytes] }
}

export function encodeLogprobs(list: readonly TokenLogprob[]): JsonValue {
  return list.map(entry => {
    const top = entry.top.map(other => putBack(encodeAlternative(other), carriedBy(other)))
    return putBack({ ...encodeAlternative(entry), top_logprobs: top }, carriedBy(entry))
  })
}

/** The two lists of a choice's `logprobs`; both undefined where there are none. */
export function logprobsOf(choice: JsonObject): {
  readonly content?: readonly TokenLogprob[] | undefined
  readonly refusal?: readonly TokenLogprob[] | undefined
} {
  const { logprobs } = choice
  if (!isObject(logprobs)) return {}
  return { content: decodeLogprobs(logprobs.content), refusal: decodeLogprobs(logprobs.refusal) }
}
