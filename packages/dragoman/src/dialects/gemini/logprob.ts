import { defined, objectsOf } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import { type Fields, object } from './fields.ts'
import { dialect, ownExtra } from './wire.ts'

type Alternative = TokenLogprob['top'][number]

/** The token's number in the vocabulary, for the same wire alone. */
const idMark = '$tokenId'

const encoder = new TextEncoder()

function decodeToken(wire: JsonObject): Alternative {
  const { token, logProbability, tokenId } = wire
  const said = typeof token === 'string' ? token : ''
  return defined({
    token: said,
    logprob: typeof logProbability === 'number' ? logProbability : 0,
    bytes: [...encoder.encode(said)],
    extra: tokenId === undefined ? undefined : { [dialect]: { [idMark]: tokenId } },
  })
}

/**
 * `logprobsResult` (SDK 3.1.0): the tokens that were chosen, and beside each of them the likeliest, among which the
 * chosen one need not be. Undefined where there are none; what is left of the object stays in the candidate.
 */
export function takeLogprobs(candidate: Fields): readonly TokenLogprob[] | undefined {
  const wire = candidate.take('logprobsResult', object)
  if (wire === undefined) return undefined
  const { chosenCandidates, topCandidates, ...rest } = wire
  for (const [name, value] of Object.entries(rest)) candidate.keep(`logprobsResult.${name}`, value)
  const tops = objectsOf(topCandidates)
  return objectsOf(chosenCandidates).map((chosen, index) => ({
    ...decodeToken(chosen),
    top: objectsOf(tops[index]?.candidates).map(decodeToken),
  }))
}

function encodeToken(entry: Alternative): JsonObject {
  return defined({ token: entry.token, tokenId: ownExtra(entry)?.[idMark], logProbability: entry.logprob })
}

export function encodeLogprobs(logprobs: readonly TokenLogprob[]): JsonObject {
  return {
    chosenCandidates: logprobs.map(encodeToken),
    topCandidates: logprobs.map(({ top }) => ({ candidates: top.map(encodeToken) })),
  }
}
