import type { Adapter } from './adaptation.ts'

/** The limit a wire requires where the caller named none: the model's own maximum. */
export const maxTokensDefault: Adapter = (request, context) => {
  const { maxTokens } = context.facts
  if (request.maxTokens !== undefined || maxTokens === undefined) return undefined
  return { id: 'max-tokens-default', request: rest => ({ value: { ...rest, maxTokens }, notes: [] }) }
}

/** A list of no stop sequences says nothing, and wires of one family refuse it: frameworks write it all the same. */
export const emptyStop: Adapter = request => {
  if (request.sampling.stop?.length !== 0) return undefined
  const { stop: _, ...sampling } = request.sampling
  return { id: 'empty-stop', request: rest => ({ value: { ...rest, sampling }, notes: [] }) }
}

/** A stream where the target only gives whole answers: it is asked for a whole one, which is then played as a stream. */
export const streamFromWhole: Adapter = (request, context) => {
  if (!request.stream || !context.lacks('stream')) return undefined
  return {
    id: 'stream-from-whole',
    request: rest => ({
      value: { ...rest, stream: false },
      notes: [
        {
          kind: 'emulated',
          path: 'stream',
          reason: `${context.why('stream')} The whole answer is awaited and then sent as a stream.`,
        },
      ],
    }),
  }
}
