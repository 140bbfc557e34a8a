import { isList, numberOf, objectsOf } from '../../../core/codec/values.ts'
import type { Quirk } from '../../../core/quirk.ts'
import type { JsonObject, JsonValue } from '../../../ir/json.ts'
import { isObject, without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

const topField = new Set(['top_logprobs'])

const alternatives = (top: JsonValue | undefined): readonly JsonObject[] =>
  isObject(top)
    ? Object.entries(top).map(([token, logprob]) => ({ token, logprob: numberOf(logprob) ?? 0, bytes: null }))
    : []

/** `{tokens, token_logprobs, top_logprobs}` as `content[]`; the first token may have null. */
function zipped(choice: JsonObject): JsonObject {
  const { logprobs } = choice
  if (!isObject(logprobs) || !isList(logprobs.tokens)) return choice
  const values = isList(logprobs.token_logprobs) ? logprobs.token_logprobs : []
  const tops = isList(logprobs.top_logprobs) ? logprobs.top_logprobs : []
  const content = logprobs.tokens.map((token, index) => ({
    token,
    logprob: numberOf(values[index]) ?? 0,
    bytes: null,
    top_logprobs: alternatives(tops[index]),
  }))
  return { ...choice, logprobs: { content, refusal: null } }
}

export const logprobsAsNumber: Quirk = {
  id: 'logprobs-as-number',
  reason:
    'Takes logprobs as the number of alternatives, 0 to 20, and answers in parallel lists (its OpenAPI, ChatCompletionRequest, LogprobsPart).',
  request(wire) {
    const { logprobs, top_logprobs: top } = wire
    if (logprobs !== true) return unchanged(wire)
    return changed(
      { ...without(wire, topField), logprobs: Math.max(numberOf(top) ?? 0, 1) },
      {
        kind: 'renamed',
        path: 'logprobs',
        reason: 'This upstream takes the number of alternatives as logprobs.',
      },
    )
  },
  reply(wire) {
    const { choices } = wire
    if (!objectsOf(choices).some(({ logprobs }) => isObject(logprobs) && isList(logprobs.tokens))) return wire
    return { ...wire, choices: objectsOf(choices).map(zipped) }
  },
}
