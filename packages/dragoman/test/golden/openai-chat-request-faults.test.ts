import { describe, expect, test } from 'bun:test'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'

const { decodeRequest } = openaiChat

const user = { role: 'user', content: 'hi' }
const base = { model: 'm', messages: [user] }

/** Faults by the words that OpenAI has for them, and the field they name. */
const faults: readonly (readonly [string, JsonObject, string])[] = [
  ["Missing required parameter: 'model'.", { messages: [user] }, 'model'],
  ["Missing required parameter: 'messages'.", { model: 'm' }, 'messages'],
  ["Missing required parameter: 'messages'.", { model: 'm', messages: null }, 'messages'],
  [
    "Invalid type for 'messages': expected an array, but got a string instead.",
    { model: 'm', messages: 'x' },
    'messages',
  ],
  [
    "Invalid type for 'messages[0]': expected an object, but got a string instead.",
    { model: 'm', messages: ['x'] },
    'messages[0]',
  ],
  [
    "Missing required parameter: 'messages[0].role'.",
    { model: 'm', messages: [{ content: 'x' }] },
    'messages[0].role',
  ],
  [
    "Missing required parameter: 'messages[0].content'.",
    { model: 'm', messages: [{ role: 'user' }] },
    'messages[0].content',
  ],
  [
    "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.",
    { model: 'm', messages: [{ role: 'user', content: 3 }] },
    'messages[0].content',
  ],
  [
    "Missing required parameter: 'messages[0].content[1].type'.",
    { model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }, {}] }] },
    'messages[0].content[1].type',
  ],
  [
    "Missing required parameter: 'messages[0].content[0].image_url.url'.",
    { model: 'm', messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
    'messages[0].content[0].image_url.url',
  ],
  [
    "Missing required parameter: 'messages[0].tool_call_id'.",
    { model: 'm', messages: [{ role: 'tool', content: 'x' }] },
    'messages[0].tool_call_id',
  ],
  [
    "Missing required parameter: 'messages[0].tool_calls[0].function'.",
    { model: 'm', messages: [{ role: 'assistant', tool_calls: [{ id: 'a' }] }] },
    'messages[0].tool_calls[0].function',
  ],
  [
    "Invalid type for 'messages[0].tool_calls[0].function.arguments': expected a string, but got an object instead.",
    {
      model: 'm',
      messages: [{ role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'f', arguments: {} } }] }],
    },
    'messages[0].tool_calls[0].function.arguments',
  ],
  [
    "Invalid type for 'temperature': expected a decimal, but got a string instead.",
    { ...base, temperature: '1' },
    'temperature',
  ],
  ["Invalid type for 'n': expected an integer, but got a decimal instead.", { ...base, n: 1.5 }, 'n'],
  [
    "Invalid type for 'stream': expected a boolean, but got a string instead.",
    { ...base, stream: 'yes' },
    'stream',
  ],
  [
    "Invalid type for 'stop[1]': expected a string, but got an integer instead.",
    { ...base, stop: ['a', 1] },
    'stop[1]',
  ],
  [
    "Invalid type for 'logit_bias.5': expected a decimal, but got a boolean instead.",
    { ...base, logit_bias: { 5: true } },
    'logit_bias.5',
  ],
  [
    "Invalid value: 'any'. Supported values are: 'none', 'auto' and 'required'.",
    { ...base, tool_choice: 'any' },
    'tool_choice',
  ],
  [
    "Missing required parameter: 'tool_choice.function'.",
    { ...base, tool_choice: { type: 'function', name: 'f' } },
    'tool_choice.function',
  ],
  [
    "Missing required parameter: 'tool_choice.allowed_tools'.",
    { ...base, tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [] } },
    'tool_choice.allowed_tools',
  ],
  [
    "Missing required parameter: 'tools[0].function.name'.",
    { ...base, tools: [{ type: 'function', function: {} }] },
    'tools[0].function.name',
  ],
  [
    "Missing required parameter: 'response_format.json_schema'.",
    { ...base, response_format: { type: 'json_schema' } },
    'response_format.json_schema',
  ],
  [
    "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    { ...base, stream_options: { include_usage: true } },
    'stream_options',
  ],
]

describe('a request at fault is named', () => {
  test.each(faults)('%s', (message, wire, param) => {
    const request = decodeRequest(wire)
    if (request.ok) throw new Error('this was taken')
    expect(request.fault).toMatchObject({ code: 'invalid_request', status: 400, message, param })
  })

  test('an unknown role, with those there are', () => {
    const request = decodeRequest({ model: 'm', messages: [{ role: 'boss', content: 'x' }] })
    expect(request.ok ? '' : request.fault.message).toBe(
      "Invalid value: 'boss'. Supported values are: 'system', 'developer', 'user', 'assistant', 'tool' and 'function'.",
    )
  })

  test('an empty list of messages', () => {
    expect(decodeRequest({ model: 'm', messages: [] }).ok).toBe(false)
  })
})
