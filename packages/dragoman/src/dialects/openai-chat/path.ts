import { renamePath } from '../../core/dialect.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import { reasoningFieldOf } from './thinking.ts'

/** The model's words to this wire's, longest first. What is not here is called the same on both sides. */
const words: { readonly [path: string]: string } = {
  'sampling.frequencyPenalty': 'frequency_penalty',
  'sampling.presencePenalty': 'presence_penalty',
  'sampling.temperature': 'temperature',
  'sampling.logitBias': 'logit_bias',
  'sampling.topP': 'top_p',
  'sampling.topK': 'top_k',
  'sampling.seed': 'seed',
  'sampling.stop': 'stop',
  'hints.safetyIdentifier': 'safety_identifier',
  'hints.promptCacheKey': 'prompt_cache_key',
  'hints.serviceTier': 'service_tier',
  'hints.prediction': 'prediction',
  'hints.verbosity': 'verbosity',
  'hints.metadata': 'metadata',
  'hints.store': 'store',
  'hints.user': 'user',
  'logprobs.top': 'top_logprobs',
  'reasoning.effort': 'reasoning_effort',
  'reasoning.budget': 'reasoning_effort',
  'reasoning.mode': 'reasoning_effort',
  'output.schema': 'response_format.json_schema.schema',
  'output.strict': 'response_format.json_schema.strict',
  'output.description': 'response_format.json_schema.description',
  'output.name': 'response_format.json_schema.name',
  parallelToolCalls: 'parallel_tool_calls',
  streamUsage: 'stream_options.include_usage',
  toolChoice: 'tool_choice',
  instructions: 'messages[0].content',
  maxTokens: 'max_completion_tokens',
  candidates: 'n',
  reasoning: 'reasoning_effort',
  output: 'response_format',
  turns: 'messages',
  parts: 'content',
  callId: 'tool_call_id',
  cache: 'prompt_cache_breakpoint',
}

/** Words inside a tool, which this wire keeps one level deeper. */
const toolWord = /^(tools\[\d+\])\.(name|description|parameters|strict)\b/

/**
 * A path of the model in this wire's words: `turns[2].parts[0]` to `messages[2].content[0]`. Paths into an answer
 * (`reply.candidates[0].parts[0]`) name a choice and its message. With the request at hand a part is named by the field
 * of the message that it stands in.
 */
export function pathOf(path: string, request?: GenerateRequest): string {
  if (path.startsWith('reply.')) {
    return path
      .slice('reply.'.length)
      .replace(/^candidates(\[\d+\])\.parts\b/, 'choices$1.message.content')
      .replace(/^candidates(\[\d+\])\.finish\b.*/, 'choices$1.finish_reason')
      .replace(/^candidates(\[\d+\])/, 'choices$1')
  }
  const field = request && fieldOf(path, request)
  return field ?? renamePath(words, path).replace(toolWord, '$1.function.$2')
}

/** A part of a turn is in the content of its message, or it is its reasoning, its refusal or one of its calls. */
function fieldOf(path: string, { turns }: GenerateRequest): string | undefined {
  const match = /^turns\[(\d+)\]\.parts\[(\d+)\](.*)$/.exec(path)
  if (match === null) return undefined
  const [, turn, index, rest = ''] = match
  const parts = turns[Number(turn)]?.parts ?? []
  const part = parts[Number(index)]
  const before = parts.slice(0, Number(index))
  const message = `messages[${turn}]`
  switch (part?.kind) {
    case 'thinking':
      return `${message}.${reasoningFieldOf(part)}`
    case 'tool-call':
      return `${message}.tool_calls[${before.filter(one => one.kind === 'tool-call').length}]${rest}`
    case 'text':
    case 'media':
      return `${message}.content[${before.filter(one => one.kind !== 'thinking').length}]${renamePath(words, rest)}`
    default:
      return undefined
  }
}
