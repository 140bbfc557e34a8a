import type { DialectId } from '../../src/ir/extra.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { FeatureId } from '../../src/translation/feature.ts'

// Each feature in the words of each dialect that a caller may speak; absent where it has no word for it.

export const callers = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'openai-completions',
] as const satisfies readonly DialectId[]

export type Caller = (typeof callers)[number]
type Probes = { readonly [F in FeatureId]?: JsonObject }

const png = 'iVBORw0KGgo='
const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const user = (content: string | readonly JsonObject[]) => ({ messages: [{ role: 'user', content }] })

const chatTool = { type: 'function', function: { name: 'weather', parameters: schema } }
const chatCall = (id: string) => ({
  id,
  type: 'function',
  function: { name: 'weather', arguments: '{"city":"Oslo"}' },
})
const chatTools = (more: JsonObject) => ({ tools: [chatTool], ...more })

const chat: Probes = {
  text: {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: 'Bye' },
    ],
  },
  stream: { stream: true },
  candidates: { n: 2 },
  'max-tokens': { max_completion_tokens: 32 },
  stop: { stop: ['x'] },
  temperature: { temperature: 0.5 },
  'top-p': { top_p: 0.5 },
  seed: { seed: 1 },
  penalties: { presence_penalty: 0.5, frequency_penalty: 0.5 },
  'logit-bias': { logit_bias: { '1': 5 } },
  logprobs: { logprobs: true, top_logprobs: 2 },
  'output.json': { response_format: { type: 'json_object' } },
  'output.json-schema': { response_format: { type: 'json_schema', json_schema: { name: 'city', schema } } },
  tools: { tools: [chatTool] },
  'tool-loop': {
    tools: [chatTool],
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: null, tool_calls: [chatCall('call_1'), chatCall('call_2')] },
      { role: 'tool', tool_call_id: 'call_1', content: '7' },
      { role: 'tool', tool_call_id: 'call_2', content: '8' },
    ],
  },
  'tools.custom': { tools: [{ type: 'custom', custom: { name: 'code' } }] },
  'tools.strict': { tools: [{ ...chatTool, function: { ...chatTool.function, strict: true } }] },
  'tool-choice.none': chatTools({ tool_choice: 'none' }),
  'tool-choice.required': chatTools({ tool_choice: 'required' }),
  'tool-choice.named': chatTools({ tool_choice: { type: 'function', function: { name: 'weather' } } }),
  'tool-choice.allowed': chatTools({
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'weather' } }] },
    },
  }),
  'parallel-tool-calls': chatTools({ parallel_tool_calls: false }),
  'web-search': { web_search_options: { search_context_size: 'low' } },
  'reasoning.effort': { reasoning_effort: 'low' },
  'input.image': user([{ type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } }]),
  'input.image-url': user([{ type: 'image_url', image_url: { url: 'https://a.example/i.png' } }]),
  'input.audio': user([{ type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } }]),
  'input.file': user([
    { type: 'text', text: 'Read' },
    { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } },
  ]),
  'output.audio': { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } },
  cache: user([{ type: 'text', text: 'Hi', prompt_cache_breakpoint: { mode: 'explicit' } }]),
  user: { safety_identifier: 'u' },
  metadata: { metadata: { a: 'b' } },
  'service-tier': { service_tier: 'flex' },
  verbosity: { verbosity: 'low' },
}

const item = (content: readonly JsonObject[]) => ({ input: [{ role: 'user', content }] })
const flatTool = { type: 'function', name: 'weather', parameters: schema, strict: false }
const flatTools = (more: JsonObject) => ({ tools: [flatTool], ...more })
const callItem = (id: string) => ({
  type: 'function_call',
  call_id: id,
  name: 'weather',
  arguments: '{"city":"Oslo"}',
})

const responses: Probes = {
  text: {
    instructions: 'Be brief.',
    input: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: 'Bye' },
    ],
  },
  stream: { stream: true },
  'max-tokens': { max_output_tokens: 32 },
  temperature: { temperature: 0.5 },
  'top-p': { top_p: 0.5 },
  logprobs: { include: ['message.output_text.logprobs'], top_logprobs: 2 },
  'output.json': { text: { format: { type: 'json_object' } } },
  'output.json-schema': { text: { format: { type: 'json_schema', name: 'city', schema } } },
  tools: { tools: [flatTool] },
  'tool-loop': {
    tools: [flatTool],
    input: [
      { role: 'user', content: 'Hi' },
      callItem('call_1'),
      callItem('call_2'),
      { type: 'function_call_output', call_id: 'call_1', output: '7' },
      { type: 'function_call_output', call_id: 'call_2', output: '8' },
    ],
  },
  'tool-result-image': {
    tools: [flatTool],
    input: [
      { role: 'user', content: 'Hi' },
      callItem('call_1'),
      {
        type: 'function_call_output',
        call_id: 'call_1',
        output: [{ type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'auto' }],
      },
    ],
  },
  'tools.custom': { tools: [{ type: 'custom', name: 'code' }] },
  'tools.strict': { tools: [{ ...flatTool, strict: true }] },
  'tool-choice.none': flatTools({ tool_choice: 'none' }),
  'tool-choice.required': flatTools({ tool_choice: 'required' }),
  'tool-choice.named': flatTools({ tool_choice: { type: 'function', name: 'weather' } }),
  'tool-choice.allowed': flatTools({
    tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'weather' }] },
  }),
  'parallel-tool-calls': flatTools({ parallel_tool_calls: false }),
  'web-search': { tools: [{ type: 'web_search' }] },
  'reasoning.effort': { reasoning: { effort: 'low' } },
  'input.image': item([{ type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'auto' }]),
  'input.image-url': item([{ type: 'input_image', image_url: 'https://a.example/i.png', detail: 'auto' }]),
  'input.file': item([
    { type: 'input_text', text: 'Read' },
    { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' },
  ]),
  user: { safety_identifier: 'u' },
  metadata: { metadata: { a: 'b' } },
  'service-tier': { service_tier: 'flex' },
  verbosity: { text: { verbosity: 'low' } },
}

const claudeTool = { name: 'weather', input_schema: schema }
const claudeTools = (choice: JsonObject) => ({ tools: [claudeTool], tool_choice: choice })
const use = (id: string) => ({ type: 'tool_use', id, name: 'weather', input: { city: 'Oslo' } })
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }
const pdf = { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' }

const messages: Probes = {
  text: {
    system: 'Be brief.',
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: 'Bye' },
    ],
  },
  stream: { stream: true },
  'max-tokens': { max_tokens: 32 },
  stop: { stop_sequences: ['x'] },
  temperature: { temperature: 0.5 },
  'top-p': { top_p: 0.5 },
  'top-k': { top_k: 5 },
  'output.json-schema': { output_config: { format: { type: 'json_schema', schema } } },
  tools: { tools: [claudeTool] },
  'tool-loop': {
    tools: [claudeTool],
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [use('toolu_1'), use('toolu_2')] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: '7' },
          { type: 'tool_result', tool_use_id: 'toolu_2', content: '8' },
        ],
      },
    ],
  },
  'tool-result-image': {
    tools: [claudeTool],
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [use('toolu_1')] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [image] }] },
    ],
  },
  'tools.strict': { tools: [{ ...claudeTool, strict: true }] },
  'tool-choice.none': claudeTools({ type: 'none' }),
  'tool-choice.required': claudeTools({ type: 'any' }),
  'tool-choice.named': claudeTools({ type: 'tool', name: 'weather' }),
  'parallel-tool-calls': claudeTools({ type: 'auto', disable_parallel_tool_use: true }),
  'web-search': { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
  'reasoning.effort': { output_config: { effort: 'low' } },
  'reasoning.budget': { max_tokens: 4096, thinking: { type: 'enabled', budget_tokens: 2048 } },
  'input.image': user([image]),
  'input.image-url': user([{ type: 'image', source: { type: 'url', url: 'https://a.example/i.png' } }]),
  'input.file': user([
    { type: 'text', text: 'Read' },
    { type: 'document', title: 'a', source: pdf },
  ]),
  citations: user([
    {
      type: 'document',
      title: 'a',
      source: { type: 'text', media_type: 'text/plain', data: 'The sky is blue.' },
      citations: { enabled: true },
    },
    { type: 'text', text: 'Colour?' },
  ]),
  cache: user([{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }]),
  user: { metadata: { user_id: 'u' } },
  'service-tier': { service_tier: 'standard_only' },
}

const parts = (...list: readonly JsonObject[]) => ({ contents: [{ role: 'user', parts: list }] })
const config = (more: JsonObject) => ({ generationConfig: { maxOutputTokens: 64, ...more } })
const declared = { tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: schema }] }] }
const calling = (more: JsonObject) => ({ ...declared, toolConfig: { functionCallingConfig: more } })
const functionCall = (id: string) => ({ functionCall: { id, name: 'weather', args: { city: 'Oslo' } } })
const functionResponse = (id: string) => ({
  functionResponse: { id, name: 'weather', response: { output: '7' } },
})

const gemini: Probes = {
  text: {
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [
      { role: 'user', parts: [{ text: 'Hi' }] },
      { role: 'model', parts: [{ text: 'Hello' }] },
      { role: 'user', parts: [{ text: 'Bye' }] },
    ],
  },
  stream: {},
  candidates: config({ candidateCount: 2 }),
  'max-tokens': config({ maxOutputTokens: 32 }),
  stop: config({ stopSequences: ['x'] }),
  temperature: config({ temperature: 0.5 }),
  'top-p': config({ topP: 0.5 }),
  'top-k': config({ topK: 5 }),
  seed: config({ seed: 1 }),
  penalties: config({ presencePenalty: 0.5, frequencyPenalty: 0.5 }),
  logprobs: config({ responseLogprobs: true, logprobs: 2 }),
  'output.json': config({ responseMimeType: 'application/json' }),
  'output.json-schema': config({ responseMimeType: 'application/json', responseJsonSchema: schema }),
  tools: declared,
  'tool-loop': {
    ...declared,
    contents: [
      { role: 'user', parts: [{ text: 'Hi' }] },
      { role: 'model', parts: [functionCall('a'), functionCall('b')] },
      { role: 'user', parts: [functionResponse('a'), functionResponse('b')] },
    ],
  },
  'tool-choice.none': calling({ mode: 'NONE' }),
  'tool-choice.required': calling({ mode: 'ANY' }),
  'tool-choice.named': calling({ mode: 'ANY', allowedFunctionNames: ['weather'] }),
  'web-search': { tools: [{ googleSearch: {} }] },
  'reasoning.effort': config({ thinkingConfig: { thinkingLevel: 'LOW' } }),
  'reasoning.budget': config({ thinkingConfig: { thinkingBudget: 2048 } }),
  'input.image': parts({ inlineData: { mimeType: 'image/png', data: png } }),
  'input.image-url': parts({ fileData: { mimeType: 'image/png', fileUri: 'https://a.example/i.png' } }),
  'input.audio': parts({ inlineData: { mimeType: 'audio/wav', data: 'UklGRg==' } }),
  'input.file': parts({ text: 'Read' }, { inlineData: { mimeType: 'application/pdf', data: 'JVBERg==' } }),
  'output.audio': config({
    responseModalities: ['TEXT', 'AUDIO'],
    speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
  }),
}

const completions: Probes = {
  text: { prompt: 'Once upon a time' },
  stream: { stream: true },
  candidates: { n: 2 },
  'max-tokens': { max_tokens: 32 },
  stop: { stop: ['x'] },
  temperature: { temperature: 0.5 },
  'top-p': { top_p: 0.5 },
  seed: { seed: 1 },
  penalties: { presence_penalty: 0.5, frequency_penalty: 0.5 },
  'logit-bias': { logit_bias: { '1': 5 } },
  logprobs: { logprobs: 2 },
  user: { user: 'u' },
}

export const probes: { readonly [C in Caller]: Probes } = {
  'openai-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': messages,
  gemini,
  'openai-completions': completions,
}

/** What a request has besides the feature, and where it goes. Every one has a limit, which some wires require. */
export const bases: {
  readonly [C in Caller]: { readonly base: JsonObject; path(isStream: boolean): string }
} = {
  'openai-chat': {
    base: { model: 'm', max_completion_tokens: 64, ...user('Hi') },
    path: () => '/v1/chat/completions',
  },
  'openai-responses': {
    base: { model: 'm', input: 'Hi', store: false, max_output_tokens: 64 },
    path: () => '/v1/responses',
  },
  'anthropic-messages': { base: { model: 'm', max_tokens: 64, ...user('Hi') }, path: () => '/v1/messages' },
  gemini: {
    base: { ...parts({ text: 'Hi' }), ...config({}) },
    path: isStream =>
      isStream ? '/v1beta/models/m:streamGenerateContent?alt=sse' : '/v1beta/models/m:generateContent',
  },
  'openai-completions': { base: { model: 'm', prompt: 'Hi', max_tokens: 64 }, path: () => '/v1/completions' },
}
