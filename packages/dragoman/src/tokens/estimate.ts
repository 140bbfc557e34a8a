import type { Part } from '../ir/part.ts'
import type { GenerateRequest } from '../ir/request.ts'
import { countTokens } from './tokenizer.ts'

/** Tokens that stand for a turn's own marks (OpenAI's published chat overhead), and for a medium nobody measured. */
const perTurn = 4
const perMedium = 1000

function textOf(part: Part): string {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return part.text
    case 'thinking':
      return part.text
    case 'tool-call':
      return `${part.name} ${part.arguments}`
    case 'tool-result':
      return part.parts.map(textOf).join('\n')
    case 'media':
      return part.source.type === 'text' ? part.source.text : ''
    case 'hosted-tool':
    case 'unknown':
      return JSON.stringify(part.value)
  }
}

const isMedium = (part: Part): boolean => part.kind === 'media' && part.source.type !== 'text'

/** An estimate of a request's input tokens: its texts by `o200k_base`, a fixed price for turns and media. */
export async function estimateTokens(request: GenerateRequest): Promise<number> {
  const parts = [...(request.instructions ?? []), ...request.turns.flatMap(turn => turn.parts)]
  const tools = request.tools?.map(tool => JSON.stringify(tool)) ?? []
  const text = [...parts.map(textOf), ...tools].join('\n')
  const media = parts.filter(isMedium).length
  return (await countTokens(text)) + request.turns.length * perTurn + media * perMedium
}
