import { renamePath } from '../../core/dialect.ts'
import type { GenerateRequest } from '../../ir/request.ts'

/**
 * Model paths in this wire's words, applied in this order. A turn may be several items, and so may a candidate:
 * without the request their index is the best there is.
 */
const paths: { readonly [path: string]: string } = {
  output: 'text.format',
  'reply.candidates': 'output',
  candidates: 'n',
  turns: 'input',
  parts: 'content',
  maxTokens: 'max_output_tokens',
  parallelToolCalls: 'parallel_tool_calls',
  'logprobs.top': 'top_logprobs',
  'toolChoice.allowed': 'tool_choice.tools',
  'toolChoice.tool': 'tool_choice',
  toolChoice: 'tool_choice',
  'sampling.frequencyPenalty': 'frequency_penalty',
  'sampling.logitBias': 'logit_bias',
  'sampling.presencePenalty': 'presence_penalty',
  'sampling.seed': 'seed',
  'sampling.stop': 'stop',
  'sampling.temperature': 'temperature',
  'sampling.topK': 'top_k',
  'sampling.topP': 'top_p',
  'hints.metadata': 'metadata',
  'hints.prediction': 'prediction',
  'hints.promptCacheKey': 'prompt_cache_key',
  'hints.safetyIdentifier': 'safety_identifier',
  'hints.serviceTier': 'service_tier',
  'hints.store': 'store',
  'hints.user': 'user',
  'hints.verbosity': 'text.verbosity',
}

/** How an answer ends is said of the whole response, not of one of its items. */
const endPath = /^reply\.candidates\[\d+\]\.finish\b/

export function pathOf(path: string, request?: GenerateRequest): string {
  if (endPath.test(path)) return 'incomplete_details'
  return (request && itemPathOf(path, request)) ?? renamePath(paths, path)
}

/** The item that a part of a turn stands in, and where in it: items are counted through all turns. */
function itemPathOf(path: string, { turns }: GenerateRequest): string | undefined {
  const match = /^turns\[(\d+)\]\.parts\[(\d+)\](.*)$/.exec(path)
  if (match === null) return undefined
  const [, at, index, rest = ''] = match
  const turn = turns[Number(at)]
  const part = turn?.parts[Number(index)]
  if (turn === undefined || part === undefined) return undefined
  // A bare string has no items.
  if (turn.items === undefined || part.item === undefined) return turns.length === 1 ? 'input' : undefined
  const before = turns.slice(0, Number(at)).reduce((sum, { items }) => sum + (items?.length ?? 1), 0)
  const item = `input[${before + part.item}]`
  if (part.kind === 'thinking') return rest === '.opaque' ? `${item}.encrypted_content` : item
  if (turn.items[part.item]?.type !== 'message') return item + rest.replace(/^\.parts\b/, '.output')
  const inside = turn.parts.slice(0, Number(index)).filter(one => one.item === part.item).length
  return `${item}.content[${inside}]${rest.replace(/^\.cache\b/, '.prompt_cache_breakpoint')}`
}
