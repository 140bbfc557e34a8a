import { defined, isList, numberOf, objectsOf } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import { isObject } from '../../wire/json.ts'
import { asExtra, ownExtra } from './wire.ts'

const bytesOf = (token: string): readonly number[] => Array.from(new TextEncoder().encode(token))

/**
 * The four lists of a choice (openai-node 7.57.0 `CompletionChoice.Logprobs`) as tokens; undefined where there are none.
 * Some engines answer with the lists of chat instead (`{content: [{token, logprob, top_logprobs}]}`), which say the same.
 */
export function decodeLogprobs(wire: JsonValue | undefined): readonly TokenLogprob[] | undefined {
  if (!isObject(wire)) return undefined
  if (isList(wire.content)) return objectsOf(wire.content).map(decodeChatToken)
  const tokens = isList(wire.tokens) ? wire.tokens : []
  const at = (key: string, index: number): JsonValue | undefined => {
    const list = wire[key]
    return isList(list) ? list[index] : undefined
  }
  return tokens.map((value, index) => {
    const token = String(value)
    const logprob = at('token_logprobs', index)
    const top = at('top_logprobs', index)
    const alternatives = isObject(top) ? Object.entries(top) : []
    return defined({
      token,
      logprob: numberOf(logprob) ?? 0,
      bytes: bytesOf(token),
      top: alternatives.map(([other, value]) => ({
        token: other,
        logprob: numberOf(value) ?? 0,
        bytes: bytesOf(other),
      })),
      // The first token of an echoed prompt follows nothing, so that it has no probability.
      extra: asExtra(
        defined({
          $first: logprob === null ? true : undefined,
          $top: isObject(top) ? true : undefined,
          $offset: numberOf(at('text_offset', index)),
        }),
      ),
    })
  })
}

function decodeChatToken(wire: JsonObject): TokenLogprob {
  const one = (entry: JsonObject) => ({
    token: String(entry.token ?? ''),
    logprob: numberOf(entry.logprob) ?? 0,
    bytes: bytesOf(String(entry.token ?? '')),
  })
  return { ...one(wire), top: objectsOf(wire.top_logprobs).map(one) }
}

/** Tokens as four lists of one length. `offset` is where the first of them stands, unless they know it themselves. */
export function encodeLogprobs(logprobs: readonly TokenLogprob[], offset: number): JsonObject {
  let next = offset
  const offsets = logprobs.map(logprob => {
    const at = numberOf(ownExtra(logprob)?.$offset) ?? next
    next = at + logprob.token.length
    return at
  })
  const hasTop = logprobs.some(logprob => logprob.top.length > 0 || ownExtra(logprob)?.$top === true)
  return {
    tokens: logprobs.map(logprob => logprob.token),
    token_logprobs: logprobs.map(logprob => (ownExtra(logprob)?.$first === true ? null : logprob.logprob)),
    top_logprobs: hasTop
      ? logprobs.map(({ top }) => Object.fromEntries(top.map(other => [other.token, other.logprob])))
      : null,
    text_offset: offsets,
  }
}
