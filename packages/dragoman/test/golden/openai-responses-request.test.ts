import { describe, expect, test } from 'bun:test'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { faithful, history, said } from './openai-responses-bodies.ts'

const { decodeRequest, encodeRequest } = openaiResponses

function decoded(wire: JsonObject): GenerateRequest {
  const request = decodeRequest({ model: 'm', input: 'hi', ...wire })
  if (!request.ok) throw new Error(request.fault.message)
  return request.value
}

const asked: JsonObject = { model: 'm', input: [said('user', 'input_text', 'hi')], store: false }

describe('a request', () => {
  test.each(faithful)('comes back as it was: %s', (_, wire) => {
    const { value, notes } = encodeRequest(decoded(wire))
    expect(value).toEqual({ ...asked, ...wire })
    expect(notes).toEqual([])
  })

  /** The short list of forms that are written otherwise than they were read. */
  const normalised: readonly (readonly [string, JsonObject, JsonObject])[] = [
    ['a string is a message of the user', { input: 'hi' }, asked],
    ['a message needs no type', { input: [{ role: 'user', content: 'hi' }] }, asked],
    [
      'a string of the assistant is output text',
      { input: [{ role: 'assistant', content: 'yo' }] },
      { input: [said('assistant', 'output_text', 'yo', history)] },
    ],
    [
      'input text of the assistant is output text',
      { input: [said('assistant', 'input_text', 'yo')] },
      { input: [said('assistant', 'output_text', 'yo', history)] },
    ],
    [
      'an image has a detail, bytes have a name',
      {
        input: [
          {
            type: 'message',
            role: 'user',
            content: [
              { type: 'input_image', file_id: 'f' },
              { type: 'input_file', file_data: 'data:application/pdf;base64,JVBERi0=' },
            ],
          },
        ],
      },
      {
        input: [
          {
            type: 'message',
            role: 'user',
            content: [
              { type: 'input_image', file_id: 'f', detail: 'auto' },
              {
                type: 'input_file',
                file_data: 'data:application/pdf;base64,JVBERi0=',
                filename: 'document.pdf',
              },
            ],
          },
        ],
      },
    ],
    [
      'a result of one text is a string',
      {
        input: [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'x' }] }],
      },
      { input: [{ type: 'function_call_output', call_id: 'c', output: 'x' }] },
    ],
    [
      'a format of audio has one name',
      {
        input: [
          {
            type: 'message',
            role: 'user',
            content: [{ type: 'input_audio', input_audio: { data: '', format: 'x-wav' } }],
          },
        ],
      },
      {
        input: [
          {
            type: 'message',
            role: 'user',
            content: [{ type: 'input_audio', input_audio: { data: '', format: 'wav' } }],
          },
        ],
      },
    ],
    [
      'no arguments are an empty object',
      { input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '' }] },
      { input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }] },
    ],
    [
      'the wish for log probabilities comes last',
      {
        include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      },
      {
        include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
      },
    ],
  ]

  test.each(normalised)('in another form: %s', (_, wire, expected) => {
    expect(encodeRequest(decoded(wire)).value).toEqual({ ...asked, ...expected })
  })

  test('asks for storage only where its caller did', () => {
    expect(encodeRequest(decoded({ store: true })).value.store).toBe(true)
    expect(encodeRequest(decoded({ store: null })).value.store).toBe(false)
    const chat = { model: 'm', turns: [], sampling: {}, hints: { store: true }, stream: false }
    const { value, notes } = encodeRequest(chat)
    expect(value.store).toBe(false)
    expect(notes).toMatchObject([{ kind: 'dropped', path: 'hints.store' }])
  })

  test('with a stored prompt needs no input', () => {
    const wire = { model: 'm', prompt: { id: 'pmpt_1' } }
    const request = decodeRequest(wire)
    expect(request.ok && encodeRequest(request.value).value).toEqual({ ...wire, store: false })
  })
})

describe('turns', () => {
  test('hold the items that stand together: an answer is one turn, its results are the next', () => {
    const { turns } = decoded({
      input: [
        said('user', 'input_text', 'weather?'),
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' },
        { id: 'msg_1', status: 'completed', ...said('assistant', 'output_text', 'Looking.') },
        { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'f', arguments: '{}' },
        { type: 'function_call', id: 'fc_2', call_id: 'b', name: 'g', arguments: '{}' },
        { type: 'function_call_output', call_id: 'a', output: '1' },
        { type: 'function_call_output', call_id: 'b', output: '2' },
        said('user', 'input_text', 'thanks'),
        said('user', 'input_text', 'bye'),
      ],
    })
    expect(turns.map(turn => [turn.role, turn.parts.map(part => [part.kind, part.item])])).toEqual([
      ['user', [['text', 0]]],
      [
        'assistant',
        [
          ['thinking', 0],
          ['text', 1],
          ['tool-call', 2],
          ['tool-call', 3],
        ],
      ],
      [
        'tool',
        [
          ['tool-result', 0],
          ['tool-result', 1],
        ],
      ],
      ['user', [['text', 0]]],
      ['user', [['text', 0]]],
    ])
    expect(turns[1]?.items?.map(item => item.id)).toEqual(['rs_1', 'msg_1', 'fc_1', 'fc_2'])
    expect(turns[1]?.parts[0]?.opaque).toEqual({
      form: 'encrypted',
      data: 'gAAA',
      dialect: 'openai-responses',
    })
  })

  test('that an adaptation changed are written as far as they still fit', () => {
    const request = decoded({
      input: [
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' },
        { id: 'msg_1', ...said('assistant', 'output_text', 'a') },
        { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{}' },
      ],
    })
    const [turn] = request.turns
    const parts = turn?.parts.filter(part => part.kind === 'text') ?? []
    const added = { kind: 'text' as const, text: 'b' }
    const turns = [{ ...turn, role: 'assistant' as const, parts: [...parts, added] }]
    expect(encodeRequest({ ...request, turns }).value.input).toEqual([
      { id: 'msg_1', ...said('assistant', 'output_text', 'a', history) },
      { status: 'completed', ...said('assistant', 'output_text', 'b', history) },
    ])
  })
})

const refused: readonly (readonly [string, JsonObject, string, string?])[] = [
  ['no model', { model: null }, 'model'],
  ['a model that is no name', { model: 4 }, 'model'],
  ['no input', { input: null }, 'input'],
  ['input of the wrong type', { input: 7 }, 'input'],
  ['an item that is no object', { input: ['hi'] }, 'input[0]'],
  ['an item without a type', { input: [{ call_id: 'c' }] }, 'input[0].type'],
  ['a role nobody has', { input: [{ role: 'tool', content: 'x' }] }, 'input[0].role'],
  ['a message without content', { input: [{ role: 'user' }] }, 'input[0].content'],
  ['content of the wrong type', { input: [{ role: 'user', content: 5 }] }, 'input[0].content'],
  ['a part without a type', { input: [{ role: 'user', content: [{}] }] }, 'input[0].content[0].type'],
  [
    'a text that is none',
    {
      input: ['a', 'b', 'c']
        .map(() => said('user', 'input_text', 'x'))
        .concat([{ role: 'user', content: [{ type: 'input_text', text: 3 }] }]),
    },
    'input[3].content[0].text',
  ],
  [
    'an image without a source',
    { input: [{ role: 'user', content: [{ type: 'input_image' }] }] },
    'input[0].content[0].image_url',
  ],
  [
    'audio without data',
    { input: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { format: 'wav' } }] }] },
    'input[0].content[0].input_audio.data',
  ],
  [
    'a call without a name',
    { input: [{ type: 'function_call', call_id: 'c', arguments: '' }] },
    'input[0].name',
  ],
  ['a result without a call', { input: [{ type: 'function_call_output', output: '' }] }, 'input[0].call_id'],
  ['a result without output', { input: [{ type: 'function_call_output', call_id: 'c' }] }, 'input[0].output'],
  [
    'an item that is stored',
    { input: [{ type: 'item_reference', id: 'msg_1' }] },
    'input[0]',
    'unsupported_parameter',
  ],
  ['a bare reference', { input: ['hi', { id: 'msg_1' }].slice(1) }, 'input[0]', 'unsupported_parameter'],
  [
    'the response before and a conversation',
    { previous_response_id: 'resp_1', conversation: 'conv_1' },
    'previous_response_id',
  ],
  ['a response before that is no id', { previous_response_id: 7 }, 'previous_response_id'],
  ['a conversation that is none', { conversation: { name: 'x' } }, 'conversation'],
  ['a background that is none', { background: 'yes' }, 'background'],
  ['work in the background that is not stored', { background: true, store: false }, 'background'],
  ['tools that are no list', { tools: {} }, 'tools'],
  ['a tool without a name', { tools: [{ type: 'function' }] }, 'tools[0].name'],
  ['a choice that is none', { tool_choice: 'perhaps' }, 'tool_choice'],
  ['a choice without a name', { tool_choice: { type: 'function' } }, 'tool_choice.name'],
  [
    'a subset in a mode nobody has',
    { tool_choice: { type: 'allowed_tools', mode: 'perhaps', tools: [] } },
    'tool_choice.mode',
  ],
  ['a schema without a name', { text: { format: { type: 'json_schema', schema: {} } } }, 'text.format.name'],
  ['a temperature that is a word', { temperature: 'hot' }, 'temperature'],
  ['a stream that is a word', { stream: 'yes' }, 'stream'],
]

describe('a request is refused by name', () => {
  test.each(refused)('%s', (_, wire, param, code = 'invalid_request') => {
    const request = decodeRequest({ model: 'm', input: 'hi', ...wire })
    expect(request).toMatchObject({ ok: false, fault: { code, param, status: 400 } })
    if (!request.ok) expect(request.fault.message).toStartWith(`\`${param}\``)
  })

  test.each([
    [{ input: null }, '`input` is required.'],
    [{ input: 7 }, '`input` must be a string or an array.'],
    [{ input: [{ role: 'user', content: null }] }, '`input[0].content` is required.'],
    [{ input: [{ role: 'user', content: 7 }] }, '`input[0].content` must be a string or an array.'],
    [{ tools: [{ type: 'function', name: 7 }] }, '`tools[0].name` must be a string.'],
  ] as const)('in words that say which: %p', (wire, message) => {
    const request = decodeRequest({ model: 'm', input: 'hi', ...wire } as JsonObject) // literals are JSON
    expect(request).toMatchObject({ ok: false, fault: { message } })
  })
})
