import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { GenerateRequest, Turn } from '../../src/ir/request.ts'
import { arbitraryRequest } from '../laws/arbitrary.ts'

// Properties take their time on a busy machine.
setDefaultTimeout(60_000)

const { decodeRequest, encodeRequest, pathOf } = openaiResponses

/** A request of another dialect. */
function foreign(more: Partial<GenerateRequest>): GenerateRequest {
  return { model: 'm', turns: [], sampling: {}, hints: {}, stream: false, ...more }
}

function turn(role: Turn['role'], ...parts: readonly Part[]): Partial<GenerateRequest> {
  return { turns: [{ role, parts }] }
}

const text = (words: string): Part => ({ kind: 'text', text: words })
const image: Part = { kind: 'media', media: 'image', source: { type: 'url', url: 'https://x.test/a.png' } }

/** Every field of the model that this wire has no word for, and what becomes of it. */
const losses: readonly (readonly [Partial<GenerateRequest>, string, string])[] = [
  [{ candidates: 2 }, 'refused', 'candidates'],
  [{ sampling: { stop: ['.'] } }, 'refused', 'sampling.stop'],
  [{ sampling: { logitBias: { '42': 5 } } }, 'refused', 'sampling.logitBias'],
  [{ modalities: ['text', 'audio'] }, 'refused', 'modalities'],
  [{ audio: { voice: 'ash' } }, 'refused', 'audio'],
  [{ sampling: { seed: 1 } }, 'dropped', 'sampling.seed'],
  [{ sampling: { topK: 1 } }, 'dropped', 'sampling.topK'],
  [{ sampling: { frequencyPenalty: 1 } }, 'dropped', 'sampling.frequencyPenalty'],
  [{ sampling: { presencePenalty: 1 } }, 'dropped', 'sampling.presencePenalty'],
  [{ hints: { prediction: {} } }, 'dropped', 'hints.prediction'],
  [{ hints: { store: true } }, 'dropped', 'hints.store'],
  [{ cache: { ttl: '5m' } }, 'dropped', 'cache'],
  [{ maxTokens: 1 }, 'clamped', 'maxTokens'],
  [{ reasoning: { mode: 'off' } }, 'approximated', 'reasoning.mode'],
  [{ reasoning: { mode: 'adaptive' } }, 'approximated', 'reasoning.mode'],
  [{ reasoning: { budget: 9000 } }, 'approximated', 'reasoning.budget'],
  [{ reasoning: { effort: 'low', budget: 9000 } }, 'dropped', 'reasoning.budget'],
  [{ instructions: [text('a'), image] }, 'refused', 'instructions[1]'],
  [{ instructions: [{ ...text('a'), cache: {} }] }, 'dropped', 'instructions[0].cache'],
  [
    { extra: { 'openai-chat': { web_search_options: { search_context_size: 'low' } } } },
    'refused',
    'web_search_options',
  ],
  [{ extra: { 'openai-chat': { from_the_future: 1 } } }, 'dropped', 'from_the_future'],
  [
    { tools: [{ kind: 'hosted', dialect: 'gemini', type: 'googleSearch', value: {} }] },
    'refused',
    'tools[0]',
  ],
  [{ tools: [{ kind: 'function', name: 'f', cache: {} }] }, 'dropped', 'tools[0].cache'],
  [{ toolChoice: { mode: 'tool', tool: { kind: 'hosted', name: 'x' } } }, 'refused', 'toolChoice.tool'],
  [{ turns: [{ role: 'user', name: 'Ann', parts: [text('a')] }] }, 'dropped', 'turns[0].name'],
  [turn('user', { ...text('a'), cache: { ttl: '5m' } }), 'dropped', 'turns[0].parts[0].cache'],
  [turn('user', { ...text('a'), extra: { gemini: { x: 1 } } }), 'dropped', 'turns[0].parts[0].x'],
  [
    turn('user', { kind: 'media', media: 'video', source: { type: 'url', url: 'u' } }),
    'refused',
    'turns[0].parts[0]',
  ],
  [
    turn('user', { kind: 'media', media: 'audio', source: { type: 'url', url: 'u' } }),
    'refused',
    'turns[0].parts[0]',
  ],
  [turn('user', { ...image, citations: true }), 'dropped', 'turns[0].parts[0].citations'],
  [turn('assistant', text('a'), image), 'refused', 'turns[0].parts[1]'],
  [
    turn('assistant', { kind: 'hosted-tool', dialect: 'gemini', type: 't', value: {} }),
    'dropped',
    'turns[0].parts[0]',
  ],
  [
    turn('tool', { kind: 'tool-result', type: 'function', callId: 'c', parts: [text('x')], isError: true }),
    'dropped',
    'turns[0].parts[0].isError',
  ],
  [turn('tool', text('no result')), 'refused', 'turns[0]'],
  [turn('assistant', { kind: 'thinking', text: 'hm' }), 'dropped', 'turns[0].parts[0]'],
  [
    turn('assistant', {
      ...text('a'),
      opaque: { form: 'signature', data: 'x', dialect: 'gemini' },
    }),
    'dropped',
    'turns[0].parts[0].opaque',
  ],
]

describe('a request of another dialect', () => {
  test.each(losses.map(row => [`${row[2]} is ${row[1]}`, row] as const))('%s', (_, [more, kind, path]) => {
    const { notes } = encodeRequest(foreign(more))
    expect(notes.map(note => `${note.kind} ${note.path}`)).toEqual([`${kind} ${path}`])
    expect(notes[0]?.reason).toMatch(/\w/)
  })

  test('loses nothing with values that say nothing', () => {
    const silent = { stop: [], logitBias: {}, frequencyPenalty: 0, presencePenalty: 0 }
    const request = foreign({
      candidates: 1,
      modalities: ['text'],
      sampling: silent,
      hints: { store: false },
    })
    expect(encodeRequest(request)).toEqual({ value: { model: 'm', input: [], store: false }, notes: [] })
  })

  test('has its tools flat, and says that they are not strict', () => {
    const { value } = encodeRequest(
      foreign({
        tools: [
          { kind: 'function', name: 'a', description: 'd', parameters: { type: 'object' } },
          { kind: 'function', name: 'b' },
          { kind: 'function', name: 'c', strict: true },
          { kind: 'custom', name: 'd', grammar: { syntax: 'regex', definition: '.' } },
        ],
        toolChoice: { mode: 'auto', allowed: [{ kind: 'function', name: 'a' }] },
      }),
    )
    expect(value.tools).toEqual([
      { type: 'function', name: 'a', description: 'd', parameters: { type: 'object' }, strict: false },
      { type: 'function', name: 'b', parameters: null, strict: false },
      { type: 'function', name: 'c', parameters: null, strict: true },
      { type: 'custom', name: 'd', format: { type: 'grammar', syntax: 'regex', definition: '.' } },
    ])
    expect(value.tool_choice).toEqual({
      type: 'allowed_tools',
      mode: 'auto',
      tools: [{ type: 'function', name: 'a' }],
    })
  })

  test('has its conversation in items: calls and results beside messages, pictures in results', () => {
    const { value, notes } = encodeRequest(
      foreign({
        instructions: [text('Be kind.'), text('Be brief.')],
        turns: [
          { role: 'system', parts: [text('s')] },
          { role: 'user', parts: [text('u'), image] },
          {
            role: 'assistant',
            parts: [
              text('Looking.'),
              { kind: 'tool-call', type: 'function', id: 'a', name: 'f', arguments: '' },
              { kind: 'tool-call', type: 'custom', id: 'b', name: 'g', arguments: 'raw' },
            ],
          },
          {
            role: 'tool',
            parts: [
              { kind: 'tool-result', type: 'function', callId: 'a', parts: [text('seen'), image] },
              { kind: 'tool-result', type: 'custom', callId: 'b', parts: [] },
            ],
          },
        ],
      }),
    )
    expect(notes).toEqual([])
    expect(value.instructions).toBe('Be kind.\n\nBe brief.')
    const picture = { type: 'input_image', image_url: 'https://x.test/a.png', detail: 'auto' }
    expect(value.input).toEqual([
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: 's' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'u' }, picture] },
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Looking.', annotations: [], logprobs: [] }],
      },
      { type: 'function_call', status: 'completed', call_id: 'a', name: 'f', arguments: '{}' },
      { type: 'custom_tool_call', status: 'completed', call_id: 'b', name: 'g', input: 'raw' },
      { type: 'function_call_output', call_id: 'a', output: [{ type: 'input_text', text: 'seen' }, picture] },
      { type: 'custom_tool_call_output', call_id: 'b', output: '' },
    ])
  })

  test('replays thoughts that this wire sealed, and no others', () => {
    const thought = (dialect: 'openai-responses' | 'gemini'): Part => ({
      kind: 'thinking',
      text: '',
      summary: ['Short.'],
      opaque: { form: 'encrypted', data: 'gAAA', dialect },
    })
    const { value } = encodeRequest(
      foreign(turn('assistant', thought('openai-responses'), thought('gemini'))),
    )
    expect(value.input).toEqual([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Short.' }], encrypted_content: 'gAAA' },
    ])
  })

  test('has documents as files', () => {
    const document: Part = {
      kind: 'media',
      media: 'file',
      source: { type: 'text', mediaType: 'text/plain', text: 'Zürich' },
    }
    const { value } = encodeRequest(foreign(turn('user', document)))
    expect((value.input as readonly JsonObject[])[0]?.content).toEqual([
      { type: 'input_file', filename: 'document.txt', file_data: 'data:text/plain;base64,WsO8cmljaA==' },
    ])
  })

  test('has its budget as the effort that spends about as much', () => {
    const effort = (budget: number) => encodeRequest(foreign({ reasoning: { budget } })).value.reasoning
    expect([1024, 8192, 60_000].map(effort)).toEqual([
      { effort: 'low' },
      { effort: 'medium' },
      { effort: 'high' },
    ])
  })

  test('has its schema flat, with a name', () => {
    const schema = { type: 'object' }
    const { value } = encodeRequest(
      foreign({ output: { kind: 'json-schema', schema }, hints: { verbosity: 'low' } }),
    )
    expect(value.text).toEqual({ format: { type: 'json_schema', name: 'answer', schema }, verbosity: 'low' })
  })

  test('asks for log probabilities in its include', () => {
    const { value } = encodeRequest(foreign({ logprobs: { top: 2 } }))
    expect(value).toMatchObject({ include: ['message.output_text.logprobs'], top_logprobs: 2 })
  })
})

/** What stays what it was through encoding and decoding, unless a note names it. */
const survivors: readonly (readonly [string, (request: GenerateRequest) => unknown])[] = [
  ['model', request => request.model],
  ['stream', request => request.stream],
  ['parallelToolCalls', request => request.parallelToolCalls],
  ['maxTokens', request => request.maxTokens],
  ['sampling.temperature', request => request.sampling.temperature],
  ['sampling.topP', request => request.sampling.topP],
  ['logprobs', request => request.logprobs],
  ['reasoning', request => request.reasoning?.effort],
  ['reasoning.summary', request => request.reasoning?.summary],
  ['hints.user', request => request.hints.user],
  ['hints.metadata', request => request.hints.metadata],
  ['hints.verbosity', request => request.hints.verbosity],
  ['hints.serviceTier', request => request.hints.serviceTier],
  ['hints.promptCacheKey', request => request.hints.promptCacheKey],
  ['hints.safetyIdentifier', request => request.hints.safetyIdentifier],
  ['toolChoice', request => request.toolChoice?.mode],
  ['output', request => request.output?.kind],
  ['tools', request => request.tools?.map(tool => (tool.kind === 'hosted' ? tool.type : tool.name))],
  ['turns', request => request.turns.map(texts)],
]

const texts = ({ parts }: Turn): readonly string[] =>
  parts.flatMap(part => (part.kind === 'text' || part.kind === 'refusal' ? [part.text] : []))

describe('any request', () => {
  test('keeps what no note names', () => {
    fc.assert(
      fc.property(arbitraryRequest({ dialects: ['openai-responses'] }), request => {
        const { value, notes } = encodeRequest(request)
        const again = decodeRequest(value)
        if (!again.ok) throw new Error(again.fault.message)
        for (const [path, read] of survivors) {
          const isNoted = notes.some(note => note.path.startsWith(path) && note.kind !== 'dropped')
          if (!isNoted && path !== 'turns') expect([path, read(again.value)]).toEqual([path, read(request)])
        }
        const spoken = request.turns.flatMap(texts)
        expect(again.value.turns.flatMap(texts)).toEqual(spoken)
      }),
      { numRuns: 150 },
    )
  })

  test('encodes the same once it was decoded', () => {
    fc.assert(
      fc.property(arbitraryRequest(), request => {
        const first = decodeRequest(encodeRequest(request).value)
        if (!first.ok) throw new Error(first.fault.message)
        const second = encodeRequest(first.value)
        expect(second.notes).toEqual([])
        expect(decodeRequest(second.value)).toEqual(first)
      }),
      { numRuns: 150 },
    )
  })
})

describe('paths of the model', () => {
  test.each([
    ['turns[2].parts[0]', 'input[2].content[0]'],
    ['sampling.topP', 'top_p'],
    ['sampling.stop', 'stop'],
    ['maxTokens', 'max_output_tokens'],
    ['candidates', 'n'],
    ['hints.user', 'user'],
    ['hints.promptCacheKey', 'prompt_cache_key'],
    ['toolChoice.tool', 'tool_choice'],
    ['output', 'text.format'],
    ['tools[0].cache', 'tools[0].cache'],
    ['reasoning.budget', 'reasoning.budget'],
    ['reply.candidates[0].parts[1].opaque', 'output[0].content[1].opaque'],
  ])('%s is %s here', (path, wire) => {
    expect(pathOf(path)).toBe(wire)
  })
})
