import { describe, expect, test } from 'bun:test'
import { chatQuirks } from '../../src/dialects/openai-chat/quirks/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'

// Quirks of hosted systems; openai-chat-quirks.test.ts holds what is true of all.

const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }
const turn = (...messages: readonly JsonObject[]) => ({ model: 'm', messages })
const said = (more: JsonObject) => turn({ role: 'assistant', content: 'a', ...more })
const recording = (input_audio: JsonObject | string) =>
  turn({ role: 'user', content: [{ type: 'input_audio', input_audio }] })

/** Quirk, the request, what becomes of it, and the notes. */
const cases: readonly (readonly [string, JsonObject, JsonObject, readonly string[]])[] = [
  ['no-user', { user: 'u', n: 1 }, { n: 1 }, ['dropped hints.user']],
  ['no-store', { store: true }, {}, ['dropped hints.store']],
  ['no-store', { store: false }, {}, []],
  ['no-n', { n: 1 }, {}, []],
  ['no-n', { n: 2 }, {}, ['dropped candidates']],
  ['no-metadata', { metadata: { a: '1' } }, {}, ['dropped hints.metadata']],
  ['no-prompt-cache-key', { prompt_cache_key: 'k' }, {}, ['dropped hints.promptCacheKey']],
  ['no-service-tier', { service_tier: 'flex' }, {}, ['dropped hints.serviceTier']],
  ['no-prediction', { prediction: { type: 'content' } }, {}, ['dropped hints.prediction']],
  ['no-verbosity', { verbosity: 'low' }, {}, ['dropped hints.verbosity']],
  ['no-safety-identifier', { safety_identifier: 's' }, {}, ['dropped hints.safetyIdentifier']],
  [
    'no-frequency-penalty',
    { frequency_penalty: 0.5, presence_penalty: 0.5 },
    { presence_penalty: 0.5 },
    ['dropped sampling.frequencyPenalty'],
  ],
  ['seed-as-random-seed', { seed: 7 }, { random_seed: 7 }, ['renamed sampling.seed']],
  ['seed-as-random-seed', { seed: 7, random_seed: 8 }, { random_seed: 8 }, ['renamed sampling.seed']],
  ['dimensions-as-output-dimension', { dimensions: 8 }, { output_dimension: 8 }, ['renamed dimensions']],
  ['user-as-user-id', { user: 'u' }, { user_id: 'u' }, ['renamed hints.user']],
  ['user-as-safety-identifier', { user: 'u' }, { safety_identifier: 'u' }, ['renamed hints.user']],
  [
    'no-message-names',
    turn({ role: 'user', content: 'a', name: 'Ann' }, { role: 'function', content: '1', name: 'f' }),
    turn({ role: 'user', content: 'a' }, { role: 'function', content: '1', name: 'f' }),
    ['dropped turns[0].name'],
  ],
  ['required-as-any', { tool_choice: 'required' }, { tool_choice: 'any' }, ['renamed toolChoice']],
  ['whole-tools', { tools: [], tool_choice: 'auto', n: 1 }, { n: 1 }, []],
  [
    'whole-tools',
    { tools: [{ type: 'function', function: { name: 'f' } }] },
    {
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }],
    },
    [],
  ],
  ['audio-as-base64', recording({ data: 'QQ==', format: 'wav' }), recording('QQ=='), []],
  ['temperature-to-1', { temperature: 1.2 }, { temperature: 1 }, ['clamped sampling.temperature']],
  ['temperature-to-1.5', { temperature: 1.7 }, { temperature: 1.5 }, ['clamped sampling.temperature']],
  [
    'open-sampling',
    { temperature: 0, top_p: 1 },
    { temperature: 0.01, top_p: 0.99 },
    ['clamped sampling.temperature', 'clamped sampling.topP'],
  ],
  [
    'five-top-logprobs',
    { logprobs: true, top_logprobs: 20 },
    { logprobs: true, top_logprobs: 5 },
    ['clamped logprobs.top'],
  ],
  ['no-text-format', { response_format: { type: 'text' }, n: 1 }, { n: 1 }, []],
  ['refuse-overflow', { max_tokens: 5 }, { max_tokens: 5, context_length_exceeded_behavior: 'error' }, []],
  [
    'refuse-overflow',
    { max_tokens: 5, context_length_exceeded_behavior: 'truncate' },
    { max_tokens: 5, context_length_exceeded_behavior: 'truncate' },
    [],
  ],
  ['reasoning-as-content', said({ reasoning: 'r' }), said({ reasoning_content: 'r' }), ['renamed turns[0]']],
  ['reasoning-as-content', said({ reasoning_details: [] }), said({}), ['dropped turns[0]']],
  ['no-zero-penalties', { frequency_penalty: 0, presence_penalty: 0.5 }, { presence_penalty: 0.5 }, []],
  ['demand-tiers', { service_tier: 'default' }, { service_tier: 'on_demand' }, ['renamed hints.serviceTier']],
  ['demand-tiers', { service_tier: 'scale' }, { service_tier: 'auto' }, ['approximated hints.serviceTier']],
  ['demand-tiers', { service_tier: 'flex' }, { service_tier: 'flex' }, []],
  ['tool-stream', { stream: true, tools: [call] }, { stream: true, tools: [call], tool_stream: true }, []],
  ['tool-stream', { tools: [call] }, { tools: [call] }, []],
  [
    'no-null-content',
    turn({ role: 'assistant', content: null, tool_calls: [call] }),
    turn({ role: 'assistant', content: '', tool_calls: [call] }),
    [],
  ],
  ['logprobs-as-number', { logprobs: true, top_logprobs: 5 }, { logprobs: 5 }, ['renamed logprobs']],
  ['logprobs-as-number', { logprobs: true }, { logprobs: 1 }, ['renamed logprobs']],
  [
    'one-token-limit',
    { max_completion_tokens: 5, max_tokens: 9 },
    { max_completion_tokens: 5 },
    ['dropped maxTokens'],
  ],
  ['one-token-limit', { max_tokens: 9 }, { max_tokens: 9 }, []],
  ['prefill-as-partial', said({}), said({ partial: true }), []],
  ['prefill-as-partial', said({ tool_calls: [call] }), said({ tool_calls: [call] }), []],
  [
    'effort-default',
    { model: 'qwen/qwen3-32b', reasoning_effort: 'medium' },
    { model: 'qwen/qwen3-32b', reasoning_effort: 'default' },
    ['approximated reasoning.effort'],
  ],
  [
    'effort-default',
    { model: 'qwen/qwen3.8-27b', reasoning_effort: 'low' },
    { model: 'qwen/qwen3.8-27b', reasoning_effort: 'low' },
    [],
  ],
  [
    'effort-none-as-thinking',
    { reasoning_effort: 'none' },
    { thinking: { type: 'disabled' } },
    ['renamed reasoning.effort'],
  ],
  ['effort-none-as-thinking', { reasoning_effort: 'high' }, { reasoning_effort: 'high' }, []],
  [
    'effort-as-thinking',
    { reasoning_effort: 'high' },
    { thinking: { type: 'enabled' } },
    ['approximated reasoning.effort'],
  ],
  [
    'effort-as-enable-thinking',
    { reasoning_effort: 'none' },
    { enable_thinking: false },
    ['renamed reasoning.effort'],
  ],
  [
    'forced-tool-thinking',
    { tool_choice: 'required', reasoning_effort: 'high' },
    { tool_choice: 'required', thinking: { type: 'disabled' } },
    ['approximated reasoning.mode'],
  ],
  ['forced-tool-thinking', { tool_choice: 'auto' }, { tool_choice: 'auto' }, []],
  [
    'forced-tool-enable-thinking',
    { tool_choice: call },
    { tool_choice: call, enable_thinking: false },
    ['approximated reasoning.mode'],
  ],
  [
    'whole-without-thinking',
    { model: 'qwen3-32b' },
    { model: 'qwen3-32b', enable_thinking: false },
    ['approximated reasoning.mode'],
  ],
  ['whole-without-thinking', { model: 'qwen3-32b', stream: true }, { model: 'qwen3-32b', stream: true }, []],
  ['whole-without-thinking', { model: 'qwen-max' }, { model: 'qwen-max' }, []],
]

describe('a quirk edits what deviates, once', () => {
  test.each(cases)('%s: %j', (id, wire, expected, notes) => {
    const edited = chatQuirks[id]?.request?.(wire)
    expect(edited?.value).toEqual(expected)
    expect(edited?.notes.map(note => `${note.kind} ${note.path}`)).toEqual([...notes])
    expect(chatQuirks[id]?.request?.(expected).value).toEqual(expected)
  })
})

describe('a quirk reads what deviates', () => {
  test('a tier of the host’s own is the wire’s', () => {
    const read = chatQuirks['demand-tiers']?.reply
    expect(read?.({ service_tier: 'on_demand' })).toEqual({ service_tier: 'default' })
    expect(read?.({ service_tier: 'flex' })).toEqual({ service_tier: 'flex' })
  })

  test('parallel lists of probabilities are a list of tokens, and a first token may have none', () => {
    const logprobs = {
      tokens: ['a', 'b'],
      token_logprobs: [null, -0.5],
      top_logprobs: [null, { b: -0.5, c: -1 }],
    }
    const read = chatQuirks['logprobs-as-number']?.reply
    const plain = { choices: [{ index: 0, logprobs: null }] }
    expect(read?.(plain)).toBe(plain)
    expect(read?.({ choices: [{ index: 0, logprobs }] })).toEqual({
      choices: [
        {
          index: 0,
          logprobs: {
            refusal: null,
            content: [
              { token: 'a', logprob: 0, bytes: null, top_logprobs: [] },
              {
                token: 'b',
                logprob: -0.5,
                bytes: null,
                top_logprobs: [
                  { token: 'b', logprob: -0.5, bytes: null },
                  { token: 'c', logprob: -1, bytes: null },
                ],
              },
            ],
          },
        },
      ],
    })
  })
})
