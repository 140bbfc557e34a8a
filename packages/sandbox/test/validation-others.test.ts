// Responses, embeddings and completions: every row is a request that OpenAI refuses, and the refusal.
import { describe, expect, test } from 'bun:test'
import { post } from './support.ts'

type Row = readonly [what: string, body: object, message: string, param: string | null, code: string | null]

function table(path: string, rows: readonly Row[], status = 400): void {
  test.each(rows.map(row => [...row]))('%s', async (_, body, message, param, code) => {
    const reply = await post(path, body)
    const error = { message, type: 'invalid_request_error', param, code }
    expect({ status: reply.status, body: reply.json }).toEqual({ status, body: { error } })
  })
}

const ask = (more: object): object => ({ model: 'sandbox', input: 'hi', ...more })
const think = (more: object): object => ask({ model: 'sandbox-reasoning', ...more })
const input = (...items: unknown[]): object => ({ model: 'sandbox', input: items })
const tool = { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }
const call = { type: 'function_call', call_id: 'call_a', name: 'f', arguments: '{}' }
const output = { type: 'function_call_output', call_id: 'call_a', output: 'x' }

describe('responses: the body', () => {
  table('responses', [
    [
      'no model',
      { input: 'hi' },
      "Missing required parameter: 'model'.",
      'model',
      'missing_required_parameter',
    ],
    [
      'an unknown model',
      ask({ model: 'gpt-9' }),
      "The requested model 'gpt-9' does not exist.",
      'model',
      'model_not_found',
    ],
    [
      'no input',
      { model: 'sandbox' },
      "Missing required parameter: 'input'.",
      'input',
      'missing_required_parameter',
    ],
    ['empty input', input(), "Missing required parameter: 'input'.", 'input', 'missing_required_parameter'],
    [
      'input that is a number',
      ask({ input: 7 }),
      "Invalid type for 'input': expected one of a string or array of objects, but got an integer instead.",
      'input',
      'invalid_type',
    ],
    ...['n', 'stop', 'seed', 'logprobs', 'messages', 'frequency_penalty', 'max_tokens'].map(
      (name): Row => [
        `${name}, which only chat knows`,
        ask({ [name]: 1 }),
        `Unknown parameter: '${name}'.`,
        name,
        'unknown_parameter',
      ],
    ),
    [
      'an embedding model',
      ask({ model: 'sandbox-embedding' }),
      "The requested model 'sandbox-embedding' cannot be used with the Responses API.",
      'model',
      null,
    ],
    [
      'too few output tokens',
      ask({ max_output_tokens: 1 }),
      "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead.",
      'max_output_tokens',
      'integer_below_min_value',
    ],
    [
      'too many output tokens',
      ask({ max_output_tokens: 99_999 }),
      "Invalid 'max_output_tokens': integer above maximum value. Expected a value <= 32768, but got 99999 instead.",
      'max_output_tokens',
      'integer_above_max_value',
    ],
    [
      'a temperature too high',
      ask({ temperature: 3 }),
      "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
      'temperature',
      'decimal_above_max_value',
    ],
    [
      'too many top logprobs',
      ask({ top_logprobs: 21 }),
      "Invalid 'top_logprobs': integer above maximum value. Expected a value <= 20, but got 21 instead.",
      'top_logprobs',
      'integer_above_max_value',
    ],
    [
      'an unknown inclusion',
      ask({ include: ['everything'] }),
      "Invalid value: 'everything'. Supported values are: 'file_search_call.results', 'web_search_call.results', 'web_search_call.action.sources', 'message.input_image.image_url', 'computer_call_output.output.image_url', 'code_interpreter_call.outputs', 'reasoning.encrypted_content', and 'message.output_text.logprobs'.",
      'include[0]',
      'invalid_value',
    ],
    [
      'stream options without a stream',
      ask({ stream_options: { include_obfuscation: false } }),
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
      null,
    ],
    [
      'usage in a stream, which is always there',
      ask({ stream: true, stream_options: { include_usage: true } }),
      "Unknown parameter: 'stream_options.include_usage'.",
      'stream_options.include_usage',
      'unknown_parameter',
    ],
    [
      'background',
      ask({ background: true }),
      "Unsupported parameter: 'background' is not supported with this model.",
      'background',
      'unsupported_parameter',
    ],
    [
      'an unknown truncation',
      ask({ truncation: 'middle' }),
      "Invalid value: 'middle'. Supported values are: 'auto' and 'disabled'.",
      'truncation',
      'invalid_value',
    ],
    [
      'an unknown tier',
      ask({ service_tier: 'turbo' }),
      "Invalid value: 'turbo'. Supported values are: 'auto', 'default', 'flex', 'scale', 'priority', 'fast', and 'ultrafast'.",
      'service_tier',
      'invalid_value',
    ],
  ])
})

describe('responses: what is stored elsewhere', () => {
  table('responses', [
    [
      'an earlier response',
      ask({ previous_response_id: 'resp_1' }),
      "Previous response with id 'resp_1' not found.",
      'previous_response_id',
      'previous_response_not_found',
    ],
    [
      'an earlier response and a conversation',
      ask({ previous_response_id: 'resp_1', conversation: 'conv_1' }),
      "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of: 'previous_response_id' or 'conversation'.",
      null,
      'mutually_exclusive_parameters',
    ],
  ])
  table(
    'responses',
    [
      [
        'a conversation',
        ask({ conversation: { id: 'conv_1' } }),
        "Conversation with id 'conv_1' not found.",
        'conversation',
        null,
      ],
      ['a prompt', ask({ prompt: { id: 'pmpt_1' } }), "Prompt with id 'pmpt_1' not found.", 'prompt', null],
      [
        'an item',
        input({ type: 'item_reference', id: 'msg_1' }),
        "Item with id 'msg_1' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.",
        'input',
        null,
      ],
    ],
    404,
  )
})

describe('responses: reasoning', () => {
  table('responses', [
    [
      'a temperature',
      think({ temperature: 0 }),
      "Unsupported parameter: 'temperature' is not supported with this model.",
      'temperature',
      null,
    ],
    [
      'a top_p',
      think({ top_p: 0.5 }),
      "Unsupported parameter: 'top_p' is not supported with this model.",
      'top_p',
      null,
    ],
    [
      'log probabilities',
      think({ include: ['message.output_text.logprobs'] }),
      'logprobs are not supported with reasoning models.',
      'include',
      null,
    ],
    [
      'an effort that the model has not',
      think({ reasoning: { effort: 'max' } }),
      "Unsupported value: 'max' is not supported with the 'sandbox-reasoning' model. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', and 'xhigh'.",
      'reasoning.effort',
      'unsupported_value',
    ],
    [
      'an effort that there is not',
      think({ reasoning: { effort: 'banana' } }),
      "Invalid value: 'banana'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'.",
      'reasoning.effort',
      'invalid_value',
    ],
    [
      'a summary that there is not',
      think({ reasoning: { summary: 'long' } }),
      "Invalid value: 'long'. Supported values are: 'auto', 'concise', and 'detailed'.",
      'reasoning.summary',
      'invalid_value',
    ],
    [
      'an unknown key of reasoning',
      think({ reasoning: { enabled: true } }),
      "Unknown parameter: 'reasoning.enabled'.",
      'reasoning.enabled',
      'unknown_parameter',
    ],
    [
      'an effort for a model that does not reason',
      ask({ reasoning: { effort: 'low' } }),
      "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
      'reasoning.effort',
      'unsupported_parameter',
    ],
    [
      'encrypted reasoning of a model that does not reason',
      ask({ include: ['reasoning.encrypted_content'] }),
      'Encrypted content is not supported with this model.',
      'include',
      null,
    ],
    [
      'reasoning with nothing after it',
      input({ type: 'reasoning', id: 'rs_1', summary: [] }, { role: 'user', content: 'hi' }),
      "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
      'input',
      null,
    ],
    [
      'reasoning that another engine sealed',
      input(
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAABforeign' },
        { role: 'assistant', content: 'hi' },
      ),
      'The encrypted content for item rs_1 could not be verified. Reason: Encrypted content could not be decrypted or parsed.',
      null,
      'invalid_encrypted_content',
    ],
  ])
})

describe('responses: items', () => {
  table('responses', [
    [
      'an unknown type',
      input({ type: 'telegram' }),
      "Invalid value: 'telegram'. Supported values are: 'message', 'function_call', 'function_call_output', 'custom_tool_call', 'custom_tool_call_output', 'reasoning', 'item_reference', 'file_search_call', 'web_search_call', 'computer_call', 'computer_call_output', 'code_interpreter_call', 'image_generation_call', 'local_shell_call', 'local_shell_call_output', 'shell_call', 'shell_call_output', 'apply_patch_call', 'apply_patch_call_output', 'mcp_list_tools', 'mcp_approval_request', 'mcp_approval_response', 'mcp_call', 'tool_search_call', 'tool_search_output', 'additional_tools', 'configuration_update', 'compaction', 'compaction_trigger', 'program', and 'program_output'.",
      'input[0].type',
      'invalid_value',
    ],
    [
      'a role of chat',
      input({ role: 'tool', content: 'x' }),
      "Invalid value: 'tool'. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
      'input[0].role',
      'invalid_value',
    ],
    [
      'a part of chat',
      input({ role: 'user', content: [{ type: 'text', text: 'x' }] }),
      "Invalid value: 'text'. Supported values are: 'input_text', 'input_image', 'input_file', and 'input_audio'.",
      'input[0].content[0].type',
      'invalid_value',
    ],
    [
      'input text from the assistant',
      input({ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }),
      "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
      'input[0].content[0].type',
      'invalid_value',
    ],
    [
      'no content',
      input({ role: 'user' }),
      "Missing required parameter: 'input[0].content'.",
      'input[0].content',
      'missing_required_parameter',
    ],
    [
      'an image that is nowhere',
      input({ role: 'user', content: [{ type: 'input_image' }] }),
      "Missing required parameter: 'input[0].content[0].image_url'.",
      'input[0].content[0].image_url',
      'missing_required_parameter',
    ],
    [
      'an image that is no address',
      input({ role: 'user', content: [{ type: 'input_image', image_url: 'cat.png' }] }),
      "Invalid 'input[0].content[0].image_url'. Expected a valid URL, but got a value with an invalid format.",
      'input[0].content[0].image_url',
      'invalid_value',
    ],
    [
      'an image nested as on chat',
      input({ role: 'user', content: [{ type: 'input_image', image_url: { url: 'https://x.test/a.png' } }] }),
      "Invalid type for 'input[0].content[0].image_url': expected a string, but got an object instead.",
      'input[0].content[0].image_url',
      'invalid_type',
    ],
    [
      'a file that is nowhere',
      input({ role: 'user', content: [{ type: 'input_file', filename: 'a.pdf' }] }),
      "Missing required parameter: 'input[0].content[0].file_id'.",
      'input[0].content[0].file_id',
      'missing_required_parameter',
    ],
    [
      'a call without an answer',
      input({ role: 'user', content: 'hi' }, call),
      'No tool output found for function call call_a.',
      'input',
      null,
    ],
    [
      'an answer without a call',
      input({ role: 'user', content: 'hi' }, output),
      'No tool call found for function call output with call_id call_a.',
      'input',
      null,
    ],
    [
      'a custom call without an answer',
      input({ type: 'custom_tool_call', call_id: 'call_a', name: 'f', input: 'x' }),
      'No tool output found for custom tool call call_a.',
      'input',
      null,
    ],
    [
      'one item twice',
      input({ ...call, id: 'fc_1' }, { ...output, id: 'fc_1' }),
      'Duplicate item found with id fc_1. Remove duplicate items from your input and try again.',
      'input',
      null,
    ],
    [
      'a call without a name',
      input({ ...call, name: undefined }, output),
      "Missing required parameter: 'input[0].name'.",
      'input[0].name',
      'missing_required_parameter',
    ],
  ])
})

describe('responses: tools and formats', () => {
  const format = (more: object) => ask({ text: { format: { type: 'json_schema', name: 'thing', ...more } } })
  const loose = { type: 'object', properties: { a: { type: 'string' } } }
  table('responses', [
    [
      'a tool of chat',
      ask({ tools: [{ type: 'function', function: { name: 'f' } }] }),
      "Missing required parameter: 'tools[0].name'.",
      'tools[0].name',
      'missing_required_parameter',
    ],
    [
      'a tool of the platform',
      ask({ tools: [{ type: 'web_search' }] }),
      "Hosted tool 'web_search' is not supported with sandbox.",
      'tools',
      null,
    ],
    [
      'a strict tool that is not',
      ask({ tools: [{ ...tool, strict: true }] }),
      "Invalid schema for function 'f': In context=(), 'additionalProperties' is required to be supplied and to be false.",
      'tools[0].parameters',
      'invalid_function_parameters',
    ],
    [
      'a choice without tools',
      ask({ tool_choice: 'required' }),
      "Tool choice 'required' must be specified with 'tools' parameter.",
      'tool_choice',
      null,
    ],
    [
      'a choice of a tool that is not there',
      ask({ tools: [tool], tool_choice: { type: 'function', name: 'g' } }),
      "Tool choice 'function' not found in 'tools' parameter.",
      'tool_choice',
      null,
    ],
    [
      'a subset with a tool that is not there',
      ask({
        tools: [tool],
        tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'g' }] },
      }),
      "Tool choice 'g' not found in 'tools' parameter.",
      'tool_choice',
      null,
    ],
    [
      'a subset nested as on chat',
      ask({
        tools: [tool],
        tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } },
      }),
      "Missing required parameter: 'tool_choice.mode'.",
      'tool_choice.mode',
      'missing_required_parameter',
    ],
    [
      'a choice of chat',
      ask({ tools: [tool], tool_choice: { type: 'function', function: { name: 'f' } } }),
      "Missing required parameter: 'tool_choice.name'.",
      'tool_choice.name',
      'missing_required_parameter',
    ],
    [
      'json_object without the word',
      ask({ text: { format: { type: 'json_object' } } }),
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      'text.format',
      null,
    ],
    [
      'a schema nested as on chat',
      ask({ text: { format: { type: 'json_schema', json_schema: { name: 'x', schema: loose } } } }),
      "Missing required parameter: 'text.format.name'.",
      'text.format.name',
      'missing_required_parameter',
    ],
    [
      'no schema',
      format({}),
      "Missing required parameter: 'text.format.schema'.",
      'text.format.schema',
      'missing_required_parameter',
    ],
    [
      'a schema that is not strict',
      format({ schema: loose, strict: true }),
      "Invalid schema for response_format 'thing': In context=(), 'additionalProperties' is required to be supplied and to be false.",
      'text.format.schema',
      'invalid_json_schema',
    ],
    [
      'an unknown verbosity',
      ask({ text: { verbosity: 'chatty' } }),
      "Invalid value: 'chatty'. Supported values are: 'low', 'medium', and 'high'.",
      'text.verbosity',
      'invalid_value',
    ],
    [
      'response_format, which only chat knows',
      ask({ response_format: { type: 'text' } }),
      "Unknown parameter: 'response_format'.",
      'response_format',
      'unknown_parameter',
    ],
  ])

  test('every optional field as null is taken', async () => {
    const { responseFields } = await import('../src/rules/responses.ts')
    const names = Object.keys(responseFields).filter(name => name !== 'model' && name !== 'input')
    const reply = await post('responses', ask(Object.fromEntries(names.map(name => [name, null]))))
    expect(reply.status).toBe(200)
  })
})

describe('responses/input_tokens', () => {
  table('responses/input_tokens', [
    [
      'no input',
      { model: 'sandbox' },
      "Missing required parameter: 'input'.",
      'input',
      'missing_required_parameter',
    ],
    [
      'a field of creating',
      ask({ temperature: 1 }),
      "Unknown parameter: 'temperature'.",
      'temperature',
      'unknown_parameter',
    ],
  ])
})

describe('embeddings', () => {
  const embed = (more: object): object => ({ model: 'sandbox-embedding', input: 'hi', ...more })
  const invalid =
    "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."
  table('embeddings', [
    ['no model', { input: 'hi' }, 'you must provide a model parameter', null, null],
    [
      'no input',
      { model: 'sandbox-embedding' },
      "Missing required parameter: 'input'.",
      'input',
      'missing_required_parameter',
    ],
    ...(
      [
        ['an empty text', ''],
        ['an empty text among others', ['a', '']],
        ['no texts', []],
        ['no tokens', [[]]],
        ['a number', 7],
        ['an object', {}],
        ['null', null],
      ] as const
    ).map(([what, value]): Row => [what, embed({ input: value }), invalid, null, null]),
    [
      '2049 inputs',
      embed({ input: Array.from({ length: 2049 }, () => 'a') }),
      "Invalid 'input': array too long. Expected an array with maximum length 2048, but got an array with length 2049 instead.",
      'input',
      'array_above_max_length',
    ],
    [
      'a token that is none',
      embed({ input: [1, 9_999_999] }),
      "Invalid 'input': a token id is out of range.",
      'input',
      'invalid_value',
    ],
    [
      'a text too long',
      embed({ input: 'word '.repeat(9000) }),
      "This model's maximum context length is 8192 tokens, however you requested 9001 tokens (9001 in your prompt; 0 for the completion). Please reduce your prompt; or completion length.",
      null,
      null,
    ],
    [
      'no dimension',
      embed({ dimensions: 0 }),
      "Invalid 'dimensions': integer below minimum value. Expected a value >= 1, but got 0 instead.",
      'dimensions',
      'integer_below_min_value',
    ],
    [
      'more dimensions than the model has',
      embed({ dimensions: 1537 }),
      "Invalid value for 'dimensions' = 1537. Must be less than or equal to 1536.",
      'dimensions',
      null,
    ],
    [
      'an unknown encoding',
      embed({ encoding_format: 'hex' }),
      "Invalid value: 'hex'. Supported values are: 'float' and 'base64'.",
      'encoding_format',
      'invalid_value',
    ],
    [
      'an unknown field',
      embed({ truncate: 'END' }),
      'Unrecognized request argument supplied: truncate',
      null,
      null,
    ],
  ])
  table(
    'embeddings',
    [
      [
        'an unknown model',
        embed({ model: 'ada' }),
        'The model `ada` does not exist or you do not have access to it.',
        null,
        'model_not_found',
      ],
    ],
    404,
  )
  table(
    'embeddings',
    [
      [
        'a model of chat',
        embed({ model: 'sandbox' }),
        'You are not allowed to generate embeddings from this model',
        null,
        null,
      ],
    ],
    403,
  )

  test('more tokens than one request may have', async () => {
    const input = Array.from({ length: 60 }, () => 'word '.repeat(6000))
    const { status, json } = await post('embeddings', embed({ input }))
    expect([status, json.error.type, json.error.code]).toEqual([
      400,
      'max_tokens_per_request',
      'max_tokens_per_request',
    ])
  })
})

describe('completions', () => {
  const complete = (more: object): object => ({ model: 'sandbox', prompt: 'hi', ...more })
  table('completions', [
    ['no model', { prompt: 'hi' }, 'you must provide a model parameter', null, null],
    [
      'a prompt that is none',
      complete({ prompt: 7 }),
      "Invalid type for 'prompt': expected one of a string, array of strings, array of integers, or array of arrays, but got an integer instead.",
      'prompt',
      'invalid_type',
    ],
    ['messages', complete({ messages: [] }), 'Unrecognized request argument supplied: messages', null, null],
    [
      'too many log probabilities',
      complete({ logprobs: 6 }),
      "Invalid 'logprobs': integer above maximum value. Expected a value <= 5, but got 6 instead.",
      'logprobs',
      'integer_above_max_value',
    ],
    [
      'too many candidates',
      complete({ best_of: 21 }),
      "Invalid 'best_of': integer above maximum value. Expected a value <= 20, but got 21 instead.",
      'best_of',
      'integer_above_max_value',
    ],
    [
      'fewer candidates than choices',
      complete({ best_of: 1, n: 2 }),
      "You requested that the server return more choices than it will generate (HINT: you must set 'n' (currently 2) to be at most 'best_of' (currently 1), or omit either parameter if you don't specifically want to use them.)",
      'best_of',
      null,
    ],
    [
      'stream options without a stream',
      complete({ stream_options: { include_usage: true } }),
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
      null,
    ],
    [
      'a token that is none',
      complete({ prompt: [9_999_999] }),
      "Invalid 'prompt': a token id is out of range.",
      'prompt',
      'invalid_value',
    ],
    [
      'more tokens than the context has',
      complete({ max_tokens: 128_000 }),
      "This model's maximum context length is 128000 tokens, however you requested 128001 tokens (1 in your prompt; 128000 for the completion). Please reduce your prompt; or completion length.",
      null,
      null,
    ],
    [
      'five stop sequences',
      complete({ stop: ['1', '2', '3', '4', '5'] }),
      "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
      'stop',
      'array_above_max_length',
    ],
  ])
  table(
    'completions',
    [
      [
        'a reasoning model',
        complete({ model: 'sandbox-reasoning' }),
        'This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?',
        'model',
        null,
      ],
    ],
    404,
  )
})
