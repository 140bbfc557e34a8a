import { describe, expect, test } from 'bun:test'
import { bedrockConverse } from '../../src/dialects/bedrock-converse/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'

const { decodeRequest, encodeRequest, count } = bedrockConverse

/** A body with everything that SDK 3.1164 `ConverseRequest` has. */
const whole: JsonObject = {
  system: [
    { text: 'You are brief.' },
    { cachePoint: { type: 'default', ttl: '1h' } },
    { guardContent: { text: { text: 'Guarded.', qualifiers: ['grounding_source'] } } },
  ],
  messages: [
    {
      role: 'user',
      content: [
        { text: 'Look:' },
        { image: { format: 'png', source: { bytes: 'aGk=' } } },
        { image: { format: 'jpeg', source: { s3Location: { uri: 's3://b/k.jpg', bucketOwner: '1' } } } },
        { video: { format: 'three_gp', source: { s3Location: { uri: 's3://b/v.3gp' } } } },
        { audio: { format: 'wav', source: { bytes: 'aGk=' } } },
        {
          document: {
            format: 'pdf',
            name: 'report',
            source: { bytes: 'aGk=' },
            context: 'of last year',
            citations: { enabled: true },
          },
        },
        { document: { format: 'txt', name: 'notes', source: { text: 'hello' } } },
        { document: { name: 'pieces', source: { content: [{ text: 'one' }, { text: 'two' }] } } },
        { cachePoint: { type: 'default' } },
        { guardContent: { text: { text: 'Check this', qualifiers: ['query'] } } },
        { guardContent: { image: { format: 'png', source: { bytes: 'aGk=' } } } },
        {
          searchResult: {
            source: 'wiki',
            title: 'T',
            content: [{ text: 'x' }],
            citations: { enabled: true },
          },
        },
        { toolAddition: { tool: { type: 'x', name: 'y' } } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
        { reasoningContent: { redactedContent: 'cmVk' } },
        {
          citationsContent: {
            content: [{ text: 'It is so.' }],
            citations: [
              {
                title: 'report',
                sourceContent: [{ text: 'so' }],
                location: { documentPage: { documentIndex: 0, start: 1, end: 2 } },
              },
            ],
          },
        },
        { toolUse: { toolUseId: 'srv', name: 'grounding', input: { q: 1 }, type: 'server_tool_use' } },
        { toolUse: { toolUseId: 'tooluse_A', name: 'weather', input: { city: 'Bonn' } } },
      ],
    },
    {
      role: 'user',
      content: [
        {
          toolResult: {
            toolUseId: 'tooluse_A',
            content: [
              { text: 'ok' },
              { json: { degrees: 20 } },
              { image: { format: 'webp', source: { bytes: 'aGk=' } } },
              { document: { format: 'md', name: 'more', source: { bytes: 'aGk=' } } },
              { video: { format: 'mp4', source: { bytes: 'aGk=' } } },
            ],
            status: 'error',
          },
        },
        { cachePoint: { type: 'default', ttl: '5m' } },
        { text: 'And now?' },
      ],
    },
  ],
  inferenceConfig: { maxTokens: 5000, temperature: 1, topP: 0.9, stopSequences: ['END'] },
  toolConfig: {
    tools: [
      {
        toolSpec: {
          name: 'weather',
          description: 'd',
          inputSchema: { json: { type: 'object' } },
          strict: true,
        },
      },
      { cachePoint: { type: 'default' } },
      { systemTool: { name: 'nova_grounding' } },
    ],
    toolChoice: { auto: {} },
  },
  outputConfig: {
    textFormat: {
      type: 'json_schema',
      structure: {
        jsonSchema: {
          schema: '{ "type": "object", "properties": {}, "additionalProperties": false }',
          name: 'n',
          description: 'd',
        },
      },
    },
    effort: 'high',
  },
  additionalModelRequestFields: { top_k: 5, thinking: { type: 'adaptive', display: 'omitted' }, other: true },
  additionalModelResponseFieldPaths: ['/usage', '/delta/stop_sequence', '/stop_sequence'],
  guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1', trace: 'enabled' },
  performanceConfig: { latency: 'optimized' },
  serviceTier: { type: 'flex' },
  requestMetadata: { team: 'a' },
  promptVariables: { name: { text: 'x' } },
  somethingNew: { a: 1 },
}

function decoded(wire: JsonObject): GenerateRequest {
  const read = decodeRequest(wire)
  if (!read.ok) throw new Error(read.fault.message)
  return read.value
}

describe('a body with everything', () => {
  test('comes back as it was, without a note', () => {
    expect(encodeRequest(decoded(whole))).toEqual({ value: whole, notes: [] })
  })

  test('is said in the words of the model', () => {
    const request = decoded(whole)
    expect(request).toMatchObject({
      instructions: [{ text: 'You are brief.', cache: { ttl: '1h' } }, { text: 'Guarded.' }],
      maxTokens: 5000,
      sampling: { temperature: 1, topP: 0.9, topK: 5, stop: ['END'] },
      reasoning: { mode: 'adaptive', effort: 'high' },
      vocabulary: 'thinking',
      hints: { metadata: { team: 'a' }, serviceTier: 'flex' },
      output: { kind: 'json-schema', name: 'n', schema: { additionalProperties: false } },
      toolChoice: { mode: 'auto' },
    })
    expect(request.tools?.map(tool => tool.kind)).toEqual(['function', 'hosted'])
    expect(request.turns.map(turn => [turn.role, turn.parts.map(part => part.kind)])).toEqual([
      ['user', [...Array(1).fill('text'), ...Array(7).fill('media'), 'text', 'media', 'unknown', 'unknown']],
      ['assistant', ['thinking', 'thinking', 'text', 'hosted-tool', 'tool-call']],
      ['tool', ['tool-result']],
      ['user', ['text']],
    ])
    expect(request.turns[1]?.parts[4]).toMatchObject({ id: 'tooluse_A', arguments: '{"city":"Bonn"}' })
    expect(request.turns[2]?.parts[0]).toMatchObject({ isError: true, cache: { ttl: '5m' } })
  })

  test('counts as its prompt', () => {
    const { value } = count?.encodeRequest(decoded(whole)) ?? {}
    const { system, messages, toolConfig, additionalModelRequestFields } = whole
    expect(value).toEqual({
      input: { converse: { system, messages, toolConfig, additionalModelRequestFields } } as JsonObject, // parts of the body
    })
    expect(count?.decodeRequest(value ?? {}).ok).toBe(true)
    expect(count?.decodeReply({ inputTokens: 7 })).toEqual({ ok: true, value: 7 })
    expect(count?.decodeReply({}).ok).toBe(false)
    expect(count?.encodeReply(7)).toEqual({ inputTokens: 7 })
  })
})

describe('mistakes name their field', () => {
  test.each<readonly [JsonObject, string]>([
    [{ messages: 'x' }, 'messages'],
    [{ messages: [{ role: 'nobody', content: [] }] }, 'messages[0].role'],
    [
      { messages: [{ role: 'user', content: [{ image: { source: {} } }] }] },
      'messages[0].content[0].image.format',
    ],
    [
      { messages: [{ role: 'user', content: [{ toolResult: {} }] }] },
      'messages[0].content[0].toolResult.content',
    ],
    [
      { messages: [{ role: 'assistant', content: [{ toolUse: { name: 'x' } }] }] },
      'messages[0].content[0].toolUse.toolUseId',
    ],
    [{ inferenceConfig: { temperature: 'hot' } }, 'inferenceConfig.temperature'],
    [{ toolConfig: { tools: [{ toolSpec: { name: 'x' } }] } }, 'toolConfig.tools[0].toolSpec.inputSchema'],
    [
      { outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: 'no' } } } } },
      'outputConfig.textFormat.structure.jsonSchema.schema',
    ],
  ])('%j', (wire, param) => {
    expect(decodeRequest(wire)).toMatchObject({ ok: false, fault: { code: 'invalid_request', param } })
  })
})

const asked = (more: Partial<GenerateRequest> = {}, ...parts: readonly Part[]): GenerateRequest => ({
  model: 'm',
  turns: [{ role: 'user', parts: parts.length === 0 ? [{ kind: 'text', text: 'hi' }] : parts }],
  sampling: {},
  hints: {},
  stream: false,
  ...more,
})

describe('what a model calls its own', () => {
  test.each<readonly [string, Partial<GenerateRequest>, JsonObject | undefined, readonly string[]]>([
    ['top_k', { vocabulary: 'thinking', sampling: { topK: 3 } }, { top_k: 3 }, []],
    [
      'top_k',
      { vocabulary: 'reasoning-config', sampling: { topK: 3 } },
      { inferenceConfig: { topK: 3 } },
      [],
    ],
    ['top_k', { sampling: { topK: 3 } }, undefined, ['sampling.topK']],
    [
      'a budget',
      { vocabulary: 'thinking', reasoning: { mode: 'on', budget: 2000 } },
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      [],
    ],
    ['a budget', { reasoning: { budget: 2000 } }, undefined, ['reasoning.budget']],
    [
      'an effort',
      { vocabulary: 'reasoning-config', reasoning: { effort: 'low' } },
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
      [],
    ],
    [
      'an effort',
      { vocabulary: 'reasoning-effort', reasoning: { effort: 'low' } },
      { reasoning_effort: 'low' },
      [],
    ],
    [
      'an effort',
      { vocabulary: 'reasoning-object', reasoning: { effort: 'low' } },
      { reasoning: { effort: 'low' } },
      [],
    ],
    [
      'no effort',
      { vocabulary: 'reasoning-config', reasoning: { effort: 'none' } },
      { reasoningConfig: { type: 'disabled' } },
      ['reasoning.effort'],
    ],
    [
      'no effort',
      { vocabulary: 'thinking', reasoning: { effort: 'none' } },
      { thinking: { type: 'disabled' } },
      ['reasoning.effort'],
    ],
  ])('%s, %j', (_, more, fields, noted) => {
    const { value, notes } = encodeRequest(asked(more))
    expect(value.additionalModelRequestFields).toEqual(fields as never) // undefined is one of the cases
    expect(notes.map(note => note.path)).toEqual([...noted])
  })

  test('an effort has a place on the wire itself where the model names none', () => {
    const { value } = encodeRequest(asked({ reasoning: { effort: 'minimal' } }))
    expect(value.outputConfig).toEqual({ effort: 'low' })
  })

  test('a budget makes room for the answer, and does not go with heat, top_k or a forced tool', () => {
    const { value, notes } = encodeRequest(
      asked({
        vocabulary: 'thinking',
        reasoning: { mode: 'on', budget: 2000 },
        maxTokens: 1500,
        sampling: { temperature: 0.5, topK: 3 },
        tools: [
          { kind: 'function', name: 'a' },
          { kind: 'function', name: 'b' },
        ],
        toolChoice: { mode: 'tool', tool: { kind: 'function', name: 'b' } },
      }),
    )
    expect(value).toMatchObject({
      inferenceConfig: { maxTokens: 3500 },
      toolConfig: { toolChoice: { auto: {} } },
    })
    expect(value.inferenceConfig).not.toHaveProperty('temperature')
    expect(JSON.stringify(value.toolConfig)).not.toContain('"a"')
    expect(notes.map(note => note.path).sort()).toEqual([
      'maxTokens',
      'sampling.temperature',
      'sampling.topK',
      'toolChoice',
    ])
  })

  test('one call at a time is said in the model’s own choice', () => {
    const tools = [{ kind: 'function' as const, name: 'a' }] // a kind is a literal
    const one = asked({
      vocabulary: 'thinking',
      tools,
      parallelToolCalls: false,
      toolChoice: { mode: 'required' },
    })
    const { value } = encodeRequest(one)
    expect(value.additionalModelRequestFields).toEqual({
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    })
    expect(value.toolConfig).not.toHaveProperty('toolChoice')
    expect(decoded(value)).toMatchObject({ parallelToolCalls: false, toolChoice: { mode: 'required' } })
    const { notes } = encodeRequest(asked({ tools, parallelToolCalls: false }))
    expect(notes).toMatchObject([{ kind: 'dropped', path: 'parallelToolCalls' }])
  })

  test('which stop sequence matched is asked for where the model tells', () => {
    const paths = (vocabulary: string) =>
      encodeRequest(asked({ vocabulary, sampling: { stop: ['X'] } })).value.additionalModelResponseFieldPaths
    expect(paths('thinking')).toEqual(['/delta/stop_sequence', '/stop_sequence'])
    expect(paths('reasoning-config')).toBeUndefined()
  })
})
