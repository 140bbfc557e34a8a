import type { JsonObject } from '@dragoman/fixtures'
import type { Got } from './cell.ts'
import { type Ending, heard, type Understood } from './client.ts'
import { isRecord, listOf, objectOf, textOf } from './oracle-read.ts'
import { misfitsOf } from './schema.ts'

const endings: { readonly [reason: string]: Ending } = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'filtered',
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

/**
 * What Google's SDK reads of an answer. The SDK itself is the interop tests' (it needs a newer Node to install); here
 * every chunk has to be what its types say.
 */
export function understandGemini(got: Got): Understood {
  const chunks = chunksOf(got)
  const failed = chunks.find(chunk => isRecord(chunk.error))
  if (failed !== undefined) {
    const { message, code } = objectOf(failed.error)
    // In band, the status of the response was a good one.
    const status = got.status === 200 ? {} : { status: numberOf(code) }
    return { kind: 'error', name: 'ApiError', message: textOf(message), ...status }
  }
  for (const chunk of chunks) {
    const misfits = misfitsOf('gemini-answer', withoutTier(chunk))
    if (misfits.length > 0) throw new Error(`${misfits.join('\n')}\nin ${JSON.stringify(chunk)}`)
  }
  const candidates = chunks.flatMap(chunk => listOf(chunk.candidates))
  const indexes = [...new Set(candidates.map(candidate => numberOf(candidate.index)))].sort()
  const usage = objectOf(chunks.findLast(chunk => isRecord(chunk.usageMetadata))?.usageMetadata)
  return {
    kind: 'answer',
    candidates: indexes.map(index =>
      understandCandidate(candidates.filter(candidate => numberOf(candidate.index) === index)),
    ),
    usage: {
      input: numberOf(usage.promptTokenCount) + numberOf(usage.toolUsePromptTokenCount),
      output: numberOf(usage.candidatesTokenCount) + numberOf(usage.thoughtsTokenCount),
    },
  }
}

/** The tier that served stands in the usage; the types of 3.1 have it there for live sessions only (card, section 1). */
function withoutTier({ usageMetadata, ...chunk }: JsonObject): JsonObject {
  if (!isRecord(usageMetadata)) return chunk
  const { serviceTier: _, ...usage } = usageMetadata
  return { ...chunk, usageMetadata: usage }
}

/** A whole answer, or the data of each frame. */
function chunksOf({ headers, body }: Got): readonly JsonObject[] {
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false
  const texts = isStream ? [...body.matchAll(/^data: (.*?)\r?$/gm)].map(([, data]) => data ?? '') : [body]
  return texts.map(text => JSON.parse(text))
}

function understandCandidate(pieces: readonly JsonObject[]): ReturnType<typeof heard> {
  const parts = pieces.flatMap(piece => listOf(objectOf(piece.content).parts))
  const said = (isThought: boolean) =>
    parts
      .filter(part => (part.thought === true) === isThought)
      .map(part => textOf(part.text))
      .join('')
  const calls = parts.flatMap(part =>
    isRecord(part.functionCall)
      ? [{ name: textOf(part.functionCall.name), input: part.functionCall.args }]
      : [],
  )
  const last = objectOf(pieces.findLast(piece => piece.finishReason !== undefined))
  const ending = endings[textOf(last.finishReason)] ?? 'stop'
  const chunks = pieces.flatMap(piece => listOf(objectOf(piece.groundingMetadata).groundingChunks))
  const sources = pieces.flatMap(piece => listOf(objectOf(piece.citationMetadata).citationSources))
  const grounds = chunks.map(chunk => objectOf(chunk.web ?? chunk.retrievedContext))
  const cited = [
    ...sources.map(source => textOf(source.uri)),
    ...grounds.map(ground => textOf(ground.uri ?? ground.title)),
  ]
  return heard({
    text: said(false),
    thinking: said(true),
    refusal: ending === 'filtered' ? textOf(last.finishMessage) : '',
    calls,
    citations: cited,
    ending: calls.length > 0 && ending === 'stop' ? 'calls' : ending,
  })
}
