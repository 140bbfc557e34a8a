import type { DialectId, Extra } from './extra.ts'
import type { JsonValue } from './json.ts'

/**
 * Fields of answers that tell how they were served or repeat what was asked, not what was answered. Leaving them out
 * towards another dialect loses nobody anything; a note about them would only hide those that matter.
 */
const bookkeeping: { readonly [D in DialectId]?: ReadonlySet<string> } = {
  'openai-chat': new Set(['system_fingerprint', 'obfuscation', 'timings', 'stream']),
  'openai-responses': new Set([
    ...['object', 'background', 'billing', 'completed_at', 'conversation', 'error', 'incomplete_details'],
    ...['frequency_penalty', 'presence_penalty', 'temperature', 'top_p', 'top_logprobs', 'max_output_tokens'],
    ...[
      'instructions',
      'metadata',
      'model',
      'parallel_tool_calls',
      'previous_response_id',
      'prompt_cache_key',
    ],
    ...[
      'prompt_cache_retention',
      'reasoning',
      'safety_identifier',
      'service_tier',
      'store',
      'text',
      'tool_choice',
    ],
    ...[
      'tools',
      'max_tool_calls',
      'truncation',
      'user',
      'status',
      'obfuscation',
      'sequence_number',
      'stream',
    ],
    ...['tool_usage', 'prompt_cache_options'],
  ]),
  'anthropic-messages': new Set(['type', 'role', 'inference_geo', 'stream']),
  'openai-completions': new Set(['system_fingerprint', 'service_tier', 'timings', 'kv_transfer_params']),
  // A blocked prompt and a bad ending are told as the finish; ratings that blocked nothing changed nothing.
  gemini: new Set([
    ...['createTime', 'modelStatus', 'usageMetadata', 'promptFeedback', 'safetyRatings'],
    ...['avgLogprobs', 'tokenCount', 'finishMessage', 'logprobsResult.logProbabilitySum'],
  ]),
  // Fields of the model come back only where they were asked for, which we do for the stop sequence.
  'bedrock-converse': new Set(['metrics', 'performanceConfig', 'additionalModelResponseFields']),
}

/** Fields of requests without which the answer would be about something else; leaving these out is refused. */
const essential: { readonly [D in DialectId]?: ReadonlySet<string> } = {
  'openai-chat': new Set(['web_search_options', 'moderation']),
  'openai-responses': new Set([
    ...['prompt', 'moderation'],
    ...['background', 'conversation', 'previous_response_id'],
  ]),
  'anthropic-messages': new Set(['thread', 'mcp_servers', 'container', 'inference_geo']),
  cohere: new Set(['documents', 'raw_prompting']),
  'openai-completions': new Set(['echo', 'suffix', 'best_of']),
  gemini: new Set([
    ...['cachedContent', 'continuationToken', 'modelArmorConfig'],
    ...['generationConfig.responseMimeType', 'generationConfig.responseFormat', 'toolConfig.retrievalConfig'],
  ]),
  'bedrock-converse': new Set(['guardrailConfig', 'promptVariables']),
}

/**
 * Values that ask for what is so anyway where another dialect answers: its targets run none of this wire's hosted
 * tools, whose calls `max_tool_calls` counts and whose findings `include` asks for, and cut nothing off by themselves.
 */
const moot: {
  readonly [D in DialectId]?: { readonly [field: string]: true | readonly JsonValue[] }
} = {
  'openai-responses': {
    include: [
      ...['code_interpreter_call.outputs', 'computer_call_output.output.image_url'],
      ...['file_search_call.results', 'message.input_image.image_url', 'reasoning.encrypted_content'],
      ...['web_search_call.action.sources', 'web_search_call.results'],
    ],
    max_tool_calls: true,
    truncation: ['disabled'],
    context: ['auto'],
    mode: ['standard'],
    context_compression: ['auto', 'disabled'],
  },
}

/** Fields that ask by being there: an empty object switches on what they are the options of. */
const asksWhenEmpty: { readonly [D in DialectId]?: ReadonlySet<string> } = {
  'openai-chat': new Set(['web_search_options']),
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)

function isMoot(from: DialectId, name: string, value: JsonValue): boolean {
  const table = moot[from] ?? {}
  const values = Object.hasOwn(table, name) ? table[name] : undefined
  if (values === true || values?.includes(value) === true) return true
  if (isList(value)) return value.every(entry => values?.includes(entry) === true)
  if (typeof value !== 'object' || value === null) return false
  const inner = Object.entries(value)
  return inner.length > 0 && inner.every(([field, said]) => saysNothing(said) || isMoot(from, field, said))
}

/** Values that a wire writes to say that there is nothing: null, false, empty, or made of nothing else. */
function saysNothing(value: JsonValue): boolean {
  if (value === null || value === false || value === '') return true
  return typeof value === 'object' && Object.values(value).every(saysNothing)
}

export interface ForeignField {
  readonly from: DialectId
  readonly name: string
  /** `refused` where leaving it out changes what is asked. */
  readonly kind: 'dropped' | 'refused'
}

/**
 * What dialects other than `own` said on a node beyond the model's words, and what its encoder has to note as dropped.
 * A dialect's own markers start with `$`: nobody said them.
 */
export function foreignFields(
  node: { readonly extra?: Extra | undefined },
  own: DialectId,
  side: 'request' | 'reply',
): readonly ForeignField[] {
  if (node.extra === undefined) return []
  const found: ForeignField[] = []
  for (const [source, fields] of Object.entries(node.extra)) {
    const from = source as DialectId // the keys of an Extra are dialects
    if (from === own) continue
    const silent = side === 'reply' ? bookkeeping[from] : undefined
    for (const [name, value] of Object.entries(fields)) {
      if (name.startsWith('$') || silent?.has(name) === true) continue
      const asks = value !== null && asksWhenEmpty[from]?.has(name) === true
      if (saysNothing(value) && !asks) continue
      if (side === 'request' && isMoot(from, name, value)) continue
      const isEssential = side === 'request' && essential[from]?.has(name) === true
      found.push({ from, name, kind: isEssential ? 'refused' : 'dropped' })
    }
  }
  return found
}
