// Every row is a request that OpenAI refuses, and the refusal: message, param, code (400 unless said otherwise).
import { describe, expect, test } from 'bun:test'
import { chatBody, post, time, user, weather } from './support.ts'

type Row = readonly [what: string, body: object, message: string, param: string | null, code: string | null]

function table(path: string, rows: readonly Row[], status = 400): void {
  test.each(rows.map(row => [...row]))('%s', async (_, body, message, param, code) => {
    const reply = await post(path, body)
    const error = { message, type: 'invalid_request_error', param, code }
    expect({ status: reply.status, body: reply.json }).toEqual({ status, body: { error } })
  })
}

const chat = (more: object): object => chatBody('hi', more)
const reasoning = (more: object): object => chatBody('hi', { model: 'sandbox-reasoning', ...more })
const said = (...messages: object[]): object => ({ model: 'sandbox', messages })
const call = (id: string, name = 'f') => ({ id, type: 'function', function: { name, arguments: '{}' } })
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'x' })
const calls = (...ids: string[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map(id => call(id)),
})
const tool = (parameters: unknown, more: object = {}) => ({
  tools: [{ type: 'function', function: { name: 'f', parameters, ...more } }],
})

describe('chat: the body', () => {
  table('chat/completions', [
    ['no model', { messages: [user('hi')] }, 'you must provide a model parameter', null, null],
    ['an empty model', chat({ model: '' }), 'you must provide a model parameter', null, null],
    [
      'a model that is no text',
      chat({ model: 7 }),
      "Invalid type for 'model': expected a string, but got an integer instead.",
      'model',
      'invalid_type',
    ],
    [
      'no messages',
      { model: 'sandbox' },
      "Missing required parameter: 'messages'.",
      'messages',
      'missing_required_parameter',
    ],
    [
      'messages as text',
      { model: 'sandbox', messages: 'hi' },
      "Invalid type for 'messages': expected an array of objects, but got a string instead.",
      'messages',
      'invalid_type',
    ],
    [
      'messages as an object',
      { model: 'sandbox', messages: {} },
      "Invalid type for 'messages': expected an array of objects, but got an object instead.",
      'messages',
      'invalid_type',
    ],
    [
      'no message',
      said(),
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
    ],
    ['an unknown field', chat({ top_k: 3 }), 'Unrecognized request argument supplied: top_k', null, null],
    [
      'two unknown fields',
      chat({ top_k: 3, grammar: 'x' }),
      'Unrecognized request arguments supplied: top_k, grammar',
      null,
      null,
    ],
    [
      'an unknown field, as newer models name it',
      reasoning({ top_k: 3 }),
      "Unknown parameter: 'top_k'.",
      'top_k',
      'unknown_parameter',
    ],
  ])
  table(
    'chat/completions',
    [
      [
        'an unknown model',
        chat({ model: 'gpt-9' }),
        'The model `gpt-9` does not exist or you do not have access to it.',
        null,
        'model_not_found',
      ],
    ],
    404,
  )
  table(
    'chat/completions',
    [
      [
        'a model of embeddings',
        chat({ model: 'sandbox-embedding' }),
        'You are not allowed to sample from this model',
        null,
        null,
      ],
    ],
    403,
  )
})

const outOfRange: readonly (readonly [string, 'decimal' | 'integer', number, number])[] = [
  ['temperature', 'decimal', 0, 2],
  ['top_p', 'decimal', 0, 1],
  ['frequency_penalty', 'decimal', -2, 2],
  ['presence_penalty', 'decimal', -2, 2],
  ['n', 'integer', 1, 128],
  ['top_logprobs', 'integer', 0, 20],
]

describe('chat: numbers', () => {
  table(
    'chat/completions',
    outOfRange.flatMap(([name, kind, low, high]): Row[] => [
      [
        `${name} too high`,
        chat({ [name]: high + 1 }),
        `Invalid '${name}': ${kind} above maximum value. Expected a value <= ${high}, but got ${high + 1} instead.`,
        name,
        `${kind}_above_max_value`,
      ],
      [
        `${name} too low`,
        chat({ [name]: low - 1 }),
        `Invalid '${name}': ${kind} below minimum value. Expected a value >= ${low}, but got ${low - 1} instead.`,
        name,
        `${kind}_below_min_value`,
      ],
      [
        `${name} as text`,
        chat({ [name]: '1' }),
        `Invalid type for '${name}': expected ${kind === 'decimal' ? 'a decimal' : 'an integer'}, but got a string instead.`,
        name,
        'invalid_type',
      ],
    ]),
  )
  table('chat/completions', [
    ...['max_tokens', 'max_completion_tokens'].flatMap((name): Row[] => [
      [
        `${name} of none`,
        chat({ [name]: 0 }),
        `Invalid '${name}': integer below minimum value. Expected a value >= 1, but got 0 instead.`,
        name,
        'integer_below_min_value',
      ],
      [
        `${name} in parts`,
        chat({ [name]: 1.5 }),
        `Invalid type for '${name}': expected an integer, but got a decimal number instead.`,
        name,
        'invalid_type',
      ],
      [
        `${name} beyond the model`,
        chat({ [name]: 100_000 }),
        'max_tokens is too large: 100000. This model supports at most 32768 completion tokens, whereas you provided 100000.',
        name,
        'invalid_value',
      ],
    ]),
    [
      'both token limits',
      chat({ max_tokens: 5, max_completion_tokens: 5 }),
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
    ],
    [
      'a seed in parts',
      chat({ seed: 1.5 }),
      "Invalid type for 'seed': expected an integer, but got a decimal number instead.",
      'seed',
      'invalid_type',
    ],
    [
      'a bias too strong',
      chat({ logit_bias: { 50: 101 } }),
      "Invalid 'logit_bias.50': integer above maximum value. Expected a value <= 100, but got 101 instead.",
      'logit_bias.50',
      'integer_above_max_value',
    ],
    [
      'a bias on a word',
      chat({ logit_bias: { yes: 1 } }),
      "Invalid key in 'logit_bias': yes. You should only be submitting non-negative integers.",
      'logit_bias',
      null,
    ],
  ])
})

const choices: readonly (readonly [string, string])[] = [
  ['reasoning_effort', "'none', 'minimal', 'low', 'medium', 'high', and 'xhigh'"],
  ['verbosity', "'low', 'medium', and 'high'"],
  ['service_tier', "'auto', 'default', 'flex', 'scale', 'priority', and 'fast'"],
  ['prompt_cache_retention', "'in_memory' and '24h'"],
  ['tool_choice', "'none', 'auto', and 'required'"],
  ['function_call', "'none' and 'auto'"],
]

describe('chat: words', () => {
  table(
    'chat/completions',
    choices.map(
      ([name, values]): Row => [
        `an unknown ${name}`,
        chat({ [name]: 'banana' }),
        `Invalid value: 'banana'. Supported values are: ${values}.`,
        name,
        'invalid_value',
      ],
    ),
  )
  table(
    'chat/completions',
    ['stream', 'store', 'logprobs', 'parallel_tool_calls'].map(
      (name): Row => [
        `${name} that is no boolean`,
        chat({ [name]: 'yes' }),
        `Invalid type for '${name}': expected a boolean, but got a string instead.`,
        name,
        'invalid_type',
      ],
    ),
  )
  table(
    'chat/completions',
    ['user', 'safety_identifier', 'prompt_cache_key'].map(
      (name): Row => [
        `${name} that is no text`,
        chat({ [name]: 7 }),
        `Invalid type for '${name}': expected a string, but got an integer instead.`,
        name,
        'invalid_type',
      ],
    ),
  )
  table('chat/completions', [
    [
      'a safety identifier too long',
      chat({ safety_identifier: 'x'.repeat(129) }),
      "Invalid 'safety_identifier': string too long. Expected a string with maximum length 128, but got a string with length 129 instead.",
      'safety_identifier',
      'string_above_max_length',
    ],
    [
      'five stop sequences',
      chat({ stop: ['1', '2', '3', '4', '5'] }),
      "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
      'stop',
      'array_above_max_length',
    ],
    [
      'a stop sequence that is none',
      chat({ stop: 7 }),
      "Invalid type for 'stop': expected one of a string or array of strings, but got an integer instead.",
      'stop',
      'invalid_type',
    ],
    [
      'a stop sequence that is none among others',
      chat({ stop: ['a', 7] }),
      "Invalid type for 'stop[1]': expected a string, but got an integer instead.",
      'stop[1]',
      'invalid_type',
    ],
    [
      'too much metadata',
      chat({ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, 'v'])) }),
      "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead.",
      'metadata',
      'object_above_max_properties',
    ],
    [
      'a long key of metadata',
      chat({ metadata: { ['k'.repeat(65)]: 'v' } }),
      "Invalid 'metadata': property name too long. Expected a property name with maximum length 64, but got a property name with length 65 instead.",
      'metadata',
      'string_above_max_length',
    ],
    [
      'a long value of metadata',
      chat({ metadata: { k: 'v'.repeat(513) } }),
      "Invalid 'metadata.k': string too long. Expected a string with maximum length 512, but got a string with length 513 instead.",
      'metadata.k',
      'string_above_max_length',
    ],
    [
      'a number in metadata',
      chat({ metadata: { k: 1 } }),
      "Invalid type for 'metadata.k': expected a string, but got an integer instead.",
      'metadata.k',
      'invalid_type',
    ],
    [
      'an unknown modality',
      chat({ modalities: ['smell'] }),
      "Invalid value: 'smell'. Supported values are: 'text' and 'audio'.",
      'modalities[0]',
      'invalid_value',
    ],
    [
      'no modality',
      chat({ modalities: [] }),
      "Invalid 'modalities': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'modalities',
      'empty_array',
    ],
    [
      'audio output',
      chat({ modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } }),
      "Unsupported parameter: 'audio' is not supported with this model.",
      'audio',
      'unsupported_parameter',
    ],
    [
      'an unknown audio format',
      chat({ audio: { voice: 'alloy', format: 'midi' } }),
      "Invalid value: 'midi'. Supported values are: 'wav', 'aac', 'mp3', 'flac', 'opus', and 'pcm16'.",
      'audio.format',
      'invalid_value',
    ],
    [
      'web search',
      chat({ web_search_options: {} }),
      'Web search options not supported with this model.',
      'web_search_options',
      null,
    ],
    [
      'a prediction',
      chat({ prediction: { type: 'content', content: 'x' } }),
      "Unsupported parameter: 'prediction' is not supported with this model.",
      'prediction',
      'unsupported_parameter',
    ],
    [
      'moderation',
      chat({ moderation: { model: 'omni' } }),
      "Unsupported parameter: 'moderation' is not supported with this model.",
      'moderation',
      'unsupported_parameter',
    ],
    [
      'an unknown cache option',
      chat({ prompt_cache_options: { mode: 'never' } }),
      "Invalid value: 'never'. Supported values are: 'implicit' and 'explicit'.",
      'prompt_cache_options.mode',
      'invalid_value',
    ],
  ])
})

describe('chat: fields that need each other', () => {
  table('chat/completions', [
    [
      'stream options without a stream',
      chat({ stream_options: { include_usage: true } }),
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
      null,
    ],
    [
      'an unknown stream option',
      chat({ stream: true, stream_options: { usage: true } }),
      "Unknown parameter: 'stream_options.usage'.",
      'stream_options.usage',
      'unknown_parameter',
    ],
    [
      'top logprobs without logprobs',
      chat({ top_logprobs: 2 }),
      "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
      'top_logprobs',
      null,
    ],
    ...['auto', 'none', 'required'].map(
      (choice): Row => [
        `tool choice ${choice} without tools`,
        chat({ tool_choice: choice }),
        "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
        'tool_choice',
        null,
      ],
    ),
    [
      'parallel tool calls without tools',
      chat({ parallel_tool_calls: false }),
      "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
      'parallel_tool_calls',
      null,
    ],
    [
      'a function call without functions',
      chat({ function_call: 'auto' }),
      "Invalid value for 'function_call': 'function_call' is only allowed when 'functions' are specified.",
      'function_call',
      null,
    ],
    [
      'json_object without the word',
      chat({ response_format: { type: 'json_object' } }),
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      'messages',
      null,
    ],
    [
      'an effort for a model that does not reason',
      chat({ reasoning_effort: 'low' }),
      'Unrecognized request argument supplied: reasoning_effort',
      null,
      null,
    ],
  ])
})

describe('chat: a reasoning model', () => {
  table('chat/completions', [
    [
      'max_tokens',
      reasoning({ max_tokens: 100 }),
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_tokens',
      'unsupported_parameter',
    ],
    ...(
      [
        ['temperature', 0, 1],
        ['top_p', 0.5, 1],
        ['presence_penalty', 1, 0],
        ['frequency_penalty', 0.5, 0],
      ] as const
    ).map(
      ([name, value, usual]): Row => [
        name,
        reasoning({ [name]: value }),
        `Unsupported value: '${name}' does not support ${value} with this model. Only the default (${usual}) value is supported.`,
        name,
        'unsupported_value',
      ],
    ),
    ...(
      [
        ['logit_bias', { 5: 1 }],
        ['logprobs', true],
        ['stop', 'x'],
      ] as const
    ).map(
      ([name, value]): Row => [
        name,
        reasoning({ [name]: value }),
        `Unsupported parameter: '${name}' is not supported with this model.`,
        name,
        'unsupported_parameter',
      ],
    ),
  ])

  test.each([
    [{ temperature: 1 }],
    [{ top_p: 1 }],
    [{ logprobs: false }],
    [{ max_completion_tokens: 300 }],
    [{ reasoning_effort: 'none' }],
  ])('%p is taken', async more => {
    expect((await post('chat/completions', reasoning(more))).status).toBe(200)
  })
})

describe('chat: messages', () => {
  table('chat/completions', [
    [
      'a message that is text',
      { model: 'sandbox', messages: ['hi'] },
      "Invalid type for 'messages[0]': expected an object, but got a string instead.",
      'messages[0]',
      'invalid_type',
    ],
    [
      'no role',
      said({ content: 'hi' }),
      "Missing required parameter: 'messages[0].role'.",
      'messages[0].role',
      'missing_required_parameter',
    ],
    [
      'an unknown role',
      said({ role: 'wizard', content: 'hi' }),
      "Invalid value: 'wizard'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.",
      'messages[0].role',
      'invalid_value',
    ],
    [
      'no content',
      said({ role: 'user' }),
      "Missing required parameter: 'messages[0].content'.",
      'messages[0].content',
      'missing_required_parameter',
    ],
    [
      'content that is a number',
      said(user(7)),
      "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.",
      'messages[0].content',
      'invalid_type',
    ],
    [
      'no content of a user',
      said(user(null)),
      "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got null instead.",
      'messages[0].content',
      'invalid_type',
    ],
    [
      'no part',
      said(user([])),
      "Invalid 'messages[0].content': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages[0].content',
      'empty_array',
    ],
    [
      'an unknown part',
      said(user([{ type: 'smell', smell: 'rose' }])),
      "Invalid value: 'smell'. Supported values are: 'text', 'image_url', 'input_audio', and 'file'.",
      'messages[0].content[0].type',
      'invalid_value',
    ],
    [
      'a part of Responses',
      said(user([{ type: 'input_text', text: 'x' }])),
      "Invalid value: 'input_text'. Supported values are: 'text', 'image_url', 'input_audio', and 'file'.",
      'messages[0].content[0].type',
      'invalid_value',
    ],
    [
      'a part without a type',
      said(user([{ text: 'x' }])),
      "Missing required parameter: 'messages[0].content[0].type'.",
      'messages[0].content[0].type',
      'missing_required_parameter',
    ],
    [
      'text that is none',
      said(user([{ type: 'text', text: {} }])),
      "Invalid type for 'messages[0].content[0].text': expected a string, but got an object instead.",
      'messages[0].content[0].text',
      'invalid_type',
    ],
    [
      'an unknown key of a message',
      said({ role: 'user', content: 'hi', mood: 'good' }),
      "Unknown parameter: 'messages[0].mood'.",
      'messages[0].mood',
      'unknown_parameter',
    ],
    [
      'a name with a blank',
      said({ role: 'user', content: 'hi', name: 'a b' }),
      "Invalid 'messages[0].name': string does not match pattern. Expected a string that matches the pattern '^[^\\s<|\\\\/>]+$'.",
      'messages[0].name',
      'invalid_value',
    ],
    [
      'an image that is no address',
      said(user([{ type: 'image_url', image_url: { url: 'cat.png' } }])),
      "Invalid 'messages[0].content[0].image_url.url'. Expected a valid URL, but got a value with an invalid format.",
      'messages[0].content[0].image_url.url',
      'invalid_value',
    ],
    [
      'an image as text',
      said(user([{ type: 'image_url', image_url: 'https://x.test/a.png' }])),
      "Invalid type for 'messages[0].content[0].image_url': expected an object, but got a string instead.",
      'messages[0].content[0].image_url',
      'invalid_type',
    ],
    [
      'an unknown detail of an image',
      said(user([{ type: 'image_url', image_url: { url: 'https://x.test/a.png', detail: 'tiny' } }])),
      "Invalid value: 'tiny'. Supported values are: 'auto', 'low', 'high', and 'original'.",
      'messages[0].content[0].image_url.detail',
      'invalid_value',
    ],
    [
      'sound in an unknown format',
      said(user([{ type: 'input_audio', input_audio: { data: '', format: 'ogg' } }])),
      "Invalid value: 'ogg'. Supported values are: 'wav' and 'mp3'.",
      'messages[0].content[0].input_audio.format',
      'invalid_value',
    ],
    [
      'a file with nothing in it',
      said(user([{ type: 'file', file: { filename: 'a.pdf' } }])),
      "Missing required parameter: 'messages[0].content[0].file.file_id'.",
      'messages[0].content[0].file.file_id',
      'missing_required_parameter',
    ],
    [
      'an image from the system',
      said({ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://x.test/a.png' } }] }),
      "Invalid value: 'image_url'. Supported values are: 'text'.",
      'messages[0].content[0].type',
      'invalid_value',
    ],
    [
      'an assistant that says nothing',
      said({ role: 'assistant', content: null }),
      "Invalid value for 'content': expected a string, got null.",
      'messages.[0].content',
      null,
    ],
    [
      'a function message without a name',
      said({ role: 'function', content: 'x' }),
      "Missing required parameter: 'messages[0].name'.",
      'messages[0].name',
      'missing_required_parameter',
    ],
    [
      'a cache breakpoint of an unknown mode',
      said(user([{ type: 'text', text: 'x', prompt_cache_breakpoint: { mode: 'implicit' } }])),
      "Invalid value: 'implicit'. Supported values are: 'explicit'.",
      'messages[0].content[0].prompt_cache_breakpoint.mode',
      'invalid_value',
    ],
  ])
})

describe('chat: calls and results', () => {
  table('chat/completions', [
    [
      'an unanswered call',
      said(user('hi'), calls('call_a', 'call_b'), result('call_a')),
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_b",
      'messages',
      null,
    ],
    [
      'calls that are passed over',
      said(user('hi'), calls('call_a', 'call_b'), user('well?')),
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_a, call_b",
      'messages.[2].role',
      null,
    ],
    [
      'a result without a call',
      said(user('hi'), result('call_a')),
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      'messages.[1].role',
      null,
    ],
    [
      'a result of another call',
      said(user('hi'), calls('call_a'), result('call_x')),
      "Invalid parameter: 'tool_call_id' of 'call_x' not found in 'tool_calls' of previous message.",
      'messages.[2].tool_call_id',
      null,
    ],
    [
      'two results of one call',
      said(user('hi'), calls('call_a'), result('call_a'), result('call_a')),
      "Duplicate value for 'tool_call_id' of 'call_a' in message[3].",
      'messages.[3].tool_call_id',
      null,
    ],
    [
      'two calls of one id',
      said(user('hi'), calls('call_a', 'call_a'), result('call_a')),
      "Duplicate value for 'tool_call_id' of 'call_a' in message[1].",
      'messages.[1].tool_calls',
      null,
    ],
    [
      'an id of 41 characters',
      said(user('hi'), calls('c'.repeat(41)), result('c'.repeat(41))),
      "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 41 instead.",
      'messages[1].tool_calls[0].id',
      'string_above_max_length',
    ],
    [
      'a result without an id',
      said(user('hi'), calls('call_a'), { role: 'tool', content: 'x' }),
      "Missing required parameter: 'messages[2].tool_call_id'.",
      'messages[2].tool_call_id',
      'missing_required_parameter',
    ],
    [
      'an image as a result',
      said(user('hi'), calls('call_a'), {
        ...result('call_a'),
        content: [{ type: 'image_url', image_url: { url: 'https://x.test/a.png' } }],
      }),
      "Invalid value: 'image_url'. Supported values are: 'text'.",
      'messages[2].content[0].type',
      'invalid_value',
    ],
    [
      'arguments that are no text',
      said(user('hi'), {
        role: 'assistant',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }],
      }),
      "Invalid type for 'messages[1].tool_calls[0].function.arguments': expected a string, but got an object instead.",
      'messages[1].tool_calls[0].function.arguments',
      'invalid_type',
    ],
    [
      'a call of an unknown type',
      said(user('hi'), { role: 'assistant', tool_calls: [{ id: 'a', type: 'magic' }] }),
      "Invalid value: 'magic'. Supported values are: 'function' and 'custom'.",
      'messages[1].tool_calls[0].type',
      'invalid_value',
    ],
  ])
})

describe('chat: tools', () => {
  table('chat/completions', [
    [
      'no tool',
      chat({ tools: [] }),
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'tools',
      'empty_array',
    ],
    [
      '129 tools',
      chat({ tools: Array.from({ length: 129 }, () => weather) }),
      "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 129 instead.",
      'tools',
      'array_above_max_length',
    ],
    [
      'a tool of an unknown type',
      chat({ tools: [{ type: 'retrieval' }] }),
      "Invalid value: 'retrieval'. Supported values are: 'function' and 'custom'.",
      'tools[0].type',
      'invalid_value',
    ],
    [
      'a tool of Responses',
      chat({ tools: [{ type: 'function', name: 'f' }] }),
      "Missing required parameter: 'tools[0].function'.",
      'tools[0].function',
      'missing_required_parameter',
    ],
    [
      'a tool without a name',
      chat({ tools: [{ type: 'function', function: {} }] }),
      "Missing required parameter: 'tools[0].function.name'.",
      'tools[0].function.name',
      'missing_required_parameter',
    ],
    [
      'a name with a dot',
      chat({ tools: [{ type: 'function', function: { name: 'a.b' } }] }),
      "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
      'tools[0].function.name',
      'invalid_value',
    ],
    [
      'a name of 65 characters',
      chat({ tools: [{ type: 'function', function: { name: 'f'.repeat(65) } }] }),
      "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
      'tools[0].function.name',
      'string_above_max_length',
    ],
    [
      'an empty name',
      chat({ tools: [{ type: 'function', function: { name: '' } }] }),
      "Invalid 'tools[0].function.name': empty string. Expected a string with minimum length 1, but got an empty string instead.",
      'tools[0].function.name',
      'empty_string',
    ],
    [
      'parameters of no type',
      chat(tool({})),
      "Invalid schema for function 'f': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.",
      'tools[0].function.parameters',
      'invalid_function_parameters',
    ],
    [
      'parameters that are a list',
      chat(tool({ type: 'array', items: {} })),
      "Invalid schema for function 'f': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.",
      'tools[0].function.parameters',
      'invalid_function_parameters',
    ],
    [
      'a list of nothing',
      chat(tool({ type: 'object', properties: { xs: { type: 'array' } } })),
      "Invalid schema for function 'f': In context=('properties', 'xs'), array schema missing items.",
      'tools[0].function.parameters',
      'invalid_function_parameters',
    ],
    [
      'a type that is none',
      chat(tool({ type: 'object', properties: { x: { type: 'banana' } } })),
      "Invalid schema for function 'f': In context=('properties', 'x'), 'banana' is not valid under any of the given schemas.",
      'tools[0].function.parameters',
      'invalid_function_parameters',
    ],
    [
      'a strict tool that is not',
      chat(tool({ type: 'object', properties: {} }, { strict: true })),
      "Invalid schema for function 'f': In context=(), 'additionalProperties' is required to be supplied and to be false.",
      'tools[0].function.parameters',
      'invalid_function_parameters',
    ],
    [
      'a choice of a tool that is not there',
      chat({ tools: [weather], tool_choice: { type: 'function', function: { name: 'fly' } } }),
      "Invalid value for 'tool_choice': no function named fly was specified in the 'tools' parameter.",
      'tool_choice',
      null,
    ],
    [
      'a subset with a tool that is not there',
      chat({
        tools: [weather, time],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'fly' } }] },
        },
      }),
      "Invalid value for 'tool_choice': no function named fly was specified in the 'tools' parameter.",
      'tool_choice',
      null,
    ],
    [
      'a subset nested as on Responses',
      chat({ tools: [weather], tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [] } }),
      "Missing required parameter: 'tool_choice.allowed_tools'.",
      'tool_choice.allowed_tools',
      'missing_required_parameter',
    ],
    [
      'a grammar as on Responses',
      chat({
        tools: [
          {
            type: 'custom',
            custom: { name: 'x', format: { type: 'grammar', syntax: 'regex', definition: 'a' } },
          },
        ],
      }),
      "Missing required parameter: 'tools[0].custom.format.grammar'.",
      'tools[0].custom.format.grammar',
      'missing_required_parameter',
    ],
    [
      'a function call of a function that is not there',
      chat({ functions: [{ name: 'f' }], function_call: { name: 'g' } }),
      "Invalid value for 'function_call': no function named g was specified in the 'functions' parameter.",
      'function_call',
      null,
    ],
  ])
})

describe('chat: response format', () => {
  const format = (schema: unknown, more: object = {}) =>
    chat({ response_format: { type: 'json_schema', json_schema: { name: 'thing', schema, ...more } } })
  table('chat/completions', [
    [
      'an unknown type',
      chat({ response_format: { type: 'xml' } }),
      "Invalid value: 'xml'. Supported values are: 'text', 'json_object', and 'json_schema'.",
      'response_format.type',
      'invalid_value',
    ],
    [
      'text',
      chat({ response_format: 'json' }),
      "Invalid type for 'response_format': expected an object, but got a string instead.",
      'response_format',
      'invalid_type',
    ],
    [
      'no schema at all',
      chat({ response_format: { type: 'json_schema' } }),
      "Missing required parameter: 'response_format.json_schema'.",
      'response_format.json_schema',
      'missing_required_parameter',
    ],
    [
      'a schema without a name',
      chat({ response_format: { type: 'json_schema', json_schema: { schema: { type: 'object' } } } }),
      "Missing required parameter: 'response_format.json_schema.name'.",
      'response_format.json_schema.name',
      'missing_required_parameter',
    ],
    [
      'a schema that is none',
      format('object'),
      "Invalid type for 'response_format.json_schema.schema': expected an object, but got a string instead.",
      'response_format.json_schema.schema',
      'invalid_type',
    ],
    [
      'a schema that is not strict',
      format({ type: 'object', properties: { a: { type: 'string' } }, required: [] }, { strict: true }),
      "Invalid schema for response_format 'thing': In context=(), 'additionalProperties' is required to be supplied and to be false.",
      'response_format',
      null,
    ],
  ])

  test('the same schema without strict is taken', async () => {
    const body = format({ type: 'object', properties: { a: { type: 'string' } }, required: [] })
    expect((await post('chat/completions', body)).status).toBe(200)
  })
})

describe('what is legal is taken', () => {
  test('every optional field of chat as null', async () => {
    const { chatFields } = await import('../src/rules/chat.ts')
    const names = Object.keys(chatFields).filter(name => name !== 'model' && name !== 'messages')
    const nulls = Object.fromEntries(names.map(name => [name, null]))
    expect((await post('chat/completions', chat(nulls))).status).toBe(200)
  })

  test.each([
    [{ temperature: 0, top_p: 0, frequency_penalty: -2, presence_penalty: 2 }],
    [{ max_tokens: 1 }],
    [{ max_completion_tokens: 8.0, n: 3, seed: -5, user: 'me', safety_identifier: 'x' }],
    [{ metadata: { a: 'b' }, store: true, service_tier: 'flex', verbosity: 'low' }],
    [{ logprobs: true, top_logprobs: 20 }],
    [{ prompt_cache_key: 'k', prompt_cache_options: { mode: 'explicit', ttl: '30m' } }],
    [{ modalities: ['text'], response_format: { type: 'text' } }],
    [{ stop: '' }],
  ])('%p', async more => {
    expect((await post('chat/completions', chat(more))).status).toBe(200)
  })

  test('messages of every role, and an answer sent back as it came', async () => {
    const first = await post('chat/completions', chat({ tools: [weather], tool_choice: 'required' }))
    const { message } = first.json.choices[0]
    const messages = [
      { role: 'developer', content: [{ type: 'text', text: 'Be kind.' }], name: 'boss' },
      { role: 'system', content: 'Be brief.' },
      user('hi'),
      user('and again'),
      message,
      { role: 'tool', tool_call_id: message.tool_calls[0].id, content: [{ type: 'text', text: 'sunny' }] },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] },
      { role: 'function', name: 'old', content: 'x' },
    ]
    expect((await post('chat/completions', { model: 'sandbox', messages })).status).toBe(200)
  })
})
