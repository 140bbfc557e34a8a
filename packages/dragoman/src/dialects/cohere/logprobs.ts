import { defined, isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import { asExtra, numberOf, objectsOf, ownExtra, textOf } from './wire.ts'

/** Whole item as it came, for the same wire alone. */
const itemMark = '$item'

/**
 * An item (SDK 8.1.0 `LogprobItem`): a piece of text that may be several tokens, which its text cannot be split into.
 * Such a piece is one entry here whose log probability is that of all its tokens together, their sum; how each of them
 * did stays in the extras.
 */
export function decodeLogprob(wire: JsonObject): TokenLogprob {
  const each = isList(wire.logprobs) ? wire.logprobs.map(value => numberOf(value) ?? 0) : []
  const token = textOf(wire.text) ?? ''
  return defined({
    token,
    logprob: each.reduce((sum, value) => sum + value, 0),
    bytes: Array.from(new TextEncoder().encode(token)),
    top: [],
    extra: asExtra({ ...(each.length > 1 ? { logprobs: each } : {}), [itemMark]: wire }),
  })
}

export function decodeLogprobs(wire: JsonValue | undefined): readonly TokenLogprob[] {
  return objectsOf(wire).map(decodeLogprob)
}

/** An entry as an item. Another wire's has no ids of tokens, a list that the type requires and that stays empty. */
export function encodeLogprob(logprob: TokenLogprob): JsonObject {
  const own = ownExtra(logprob)?.[itemMark]
  const [item] = objectsOf(own)
  return item ?? { text: logprob.token, token_ids: [], logprobs: [logprob.logprob] }
}
