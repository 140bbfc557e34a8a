import { describe, expect, test } from 'bun:test'
import { gemini } from '../../src/dialects/gemini/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import { asked, complain, read } from './gemini-driver.ts'

const { encodeRequest } = gemini

describe('what this wire says comes back as it was said, and the model knows what it means', () => {
  const config = (generationConfig: JsonObject): JsonObject => ({ generationConfig })
  const calling = (functionCallingConfig: JsonObject): JsonObject => ({
    toolConfig: { functionCallingConfig },
  })
  const content = (...parts: readonly JsonObject[]): JsonObject => ({ contents: [{ role: 'user', parts }] })
  const schema = {
    type: 'OBJECT',
    properties: { a: { type: 'STRING', nullable: true } },
    propertyOrdering: ['a'],
  }
  const image = { mimeType: 'image/png', data: 'AA==' }
  const file = 'https://files.example/v1beta/files/abc'
  const cases: { readonly [name: string]: readonly [JsonObject, object] } = {
    sampling: [
      config({ temperature: 0.5, topP: 0.9, topK: 40, seed: 7, stopSequences: ['x'], maxOutputTokens: 9 }),
      { maxTokens: 9, sampling: { temperature: 0.5, topP: 0.9, topK: 40, seed: 7, stop: ['x'] } },
    ],
    penalties: [
      config({ frequencyPenalty: 0.1, presencePenalty: -0.1, candidateCount: 2 }),
      { candidates: 2, sampling: { frequencyPenalty: 0.1, presencePenalty: -0.1 } },
    ],
    logprobs: [config({ responseLogprobs: true, logprobs: 3 }), { logprobs: { top: 3 } }],
    'logprobs off': [config({ responseLogprobs: false }), {}],
    'a voice': [
      config({
        responseModalities: ['TEXT', 'AUDIO'],
        speechConfig: {
          languageCode: 'de-DE',
          voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } },
        },
      }),
      { modalities: ['text', 'audio'], audio: { voice: 'Kore' } },
    ],
    'two voices': [
      config({ speechConfig: { multiSpeakerVoiceConfig: { speakerVoiceConfigs: [] } } }),
      { audio: { extra: { gemini: { multiSpeakerVoiceConfig: {} } } } },
    ],
    'thinking by level': [
      config({ thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true } }),
      { reasoning: { effort: 'low', summary: 'auto' } },
    ],
    'thinking by budget, hidden': [
      config({ thinkingConfig: { thinkingBudget: 2048, includeThoughts: false } }),
      { reasoning: { budget: 2048 } },
    ],
    'thinking off': [config({ thinkingConfig: { thinkingBudget: 0 } }), { reasoning: { mode: 'off' } }],
    'thinking up to the model': [
      config({ thinkingConfig: { thinkingBudget: -1 } }),
      { reasoning: { mode: 'adaptive' } },
    ],
    'a level nobody knows': [
      config({ thinkingConfig: { thinkingLevel: 'ULTRA' } }),
      { reasoning: { extra: { gemini: { thinkingLevel: 'ULTRA' } } } },
    ],
    'plain text by name': [config({ responseMimeType: 'text/plain' }), { output: { kind: 'text' } }],
    JSON: [config({ responseMimeType: 'application/json' }), { output: { kind: 'json' } }],
    'a JSON schema': [
      config({ responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } }),
      { output: { kind: 'json-schema', schema: { type: 'object' } } },
    ],
    'a schema in the form of OpenAPI': [
      config({ responseMimeType: 'application/json', responseSchema: schema }),
      { output: { schema: { type: 'object', properties: { a: { type: ['string', 'null'] } } } } },
    ],
    'an enumeration as text': [
      config({ responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a'] } }),
      { extra: { gemini: { 'generationConfig.responseMimeType': 'text/x.enum' } } },
    ],
    'what nobody knows': [
      { x: 1, ...config({ y: { z: 2 } }), labels: { a: 'b' } },
      { extra: { gemini: { x: 1, 'generationConfig.y': { z: 2 }, labels: { a: 'b' } } } },
    ],
    'safety and a cache': [
      {
        safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }],
        cachedContent: 'cachedContents/a',
      },
      { extra: { gemini: { cachedContent: 'cachedContents/a' } } },
    ],
    'a tier': [{ serviceTier: 'flex' }, { hints: { serviceTier: 'flex' } }],
    'any tool': [calling({ mode: 'ANY' }), { toolChoice: { mode: 'required' } }],
    'no tool': [calling({ mode: 'NONE' }), { toolChoice: { mode: 'none' } }],
    'one tool': [
      calling({ mode: 'ANY', allowedFunctionNames: ['f'] }),
      { toolChoice: { mode: 'tool', tool: { name: 'f' } } },
    ],
    'some of the tools': [
      calling({ mode: 'ANY', allowedFunctionNames: ['f', 'g'] }),
      { toolChoice: { mode: 'required', allowed: [{ name: 'f' }, { name: 'g' }] } },
    ],
    'checked tools': [
      calling({ mode: 'VALIDATED', allowedFunctionNames: ['f'], streamFunctionCallArguments: true }),
      { toolChoice: { mode: 'auto', allowed: [{ name: 'f' }] } },
    ],
    'a place for searches': [
      { toolConfig: { retrievalConfig: { languageCode: 'de' }, includeServerSideToolInvocations: true } },
      { extra: { gemini: { 'toolConfig.includeServerSideToolInvocations': true } } },
    ],
    tools: [
      {
        tools: [
          { functionDeclarations: [{ name: 'f', parameters: schema, behavior: 'BLOCKING' }, { name: 'g' }] },
          { googleSearch: {} },
          { codeExecution: {} },
        ],
      },
      {
        tools: [
          { kind: 'function', name: 'f', parameters: { type: 'object' } },
          { kind: 'function', name: 'g' },
          { kind: 'hosted', dialect: 'gemini', type: 'googleSearch', value: { googleSearch: {} } },
          { kind: 'hosted', type: 'codeExecution' },
        ],
      },
    ],
    instructions: [
      { systemInstruction: { role: 'system', parts: [{ text: 'a' }, { text: 'b' }] } },
      { instructions: [{ text: 'a' }, { text: 'b' }] },
    ],
    'an image, marked': [
      content({
        inlineData: image,
        mediaResolution: { level: 'MEDIA_RESOLUTION_HIGH' },
        partMetadata: { a: 1 },
      }),
      { turns: [{ parts: [{ kind: 'media', media: 'image', source: { type: 'base64' } }] }] },
    ],
    'a piece of a film': [
      content({
        fileData: { mimeType: 'video/mp4', fileUri: 'https://youtu.be/a' },
        videoMetadata: { startOffset: '1s', fps: 2 },
      }),
      {
        turns: [
          { parts: [{ kind: 'media', media: 'video', source: { type: 'url', mediaType: 'video/mp4' } }] },
        ],
      },
    ],
    'an uploaded file': [
      content({ fileData: { fileUri: file, mimeType: 'application/pdf', displayName: 'a.pdf' } }),
      { turns: [{ parts: [{ kind: 'media', filename: 'a.pdf', source: { type: 'file-id', id: file } }] }] },
    ],
    'code that was run': [
      content(
        { executableCode: { language: 'PYTHON', code: '1' } },
        { codeExecutionResult: { outcome: 'OUTCOME_OK' } },
      ),
      { turns: [{ parts: [{ kind: 'hosted-tool', type: 'executableCode' }, { kind: 'hosted-tool' }] }] },
    ],
    'a part nobody knows': [
      content({ hologram: {} }),
      { turns: [{ parts: [{ kind: 'unknown', dialect: 'gemini', type: 'hologram' }] }] },
    ],
    'calls with and without ids, and their results': [
      {
        contents: [
          { role: 'user', parts: [{ text: 'Hi' }] },
          {
            role: 'model',
            parts: [
              { functionCall: { name: 'f' }, thoughtSignature: 'S' },
              { functionCall: { id: 'i', name: 'g', args: { x: [1] } } },
            ],
          },
          {
            role: 'user',
            parts: [
              { functionResponse: { name: 'f', response: { error: 'no' }, scheduling: 'SILENT' } },
              {
                functionResponse: { id: 'i', name: 'g', response: { a: 1 }, parts: [{ inlineData: image }] },
              },
              { text: 'So?' },
            ],
          },
        ],
      },
      {
        turns: [
          {},
          { parts: [{ opaque: { data: 'S' } }, { id: 'i', arguments: '{"x":[1]}' }] },
          {
            role: 'tool',
            parts: [
              { parts: [{ text: 'no' }], isError: true },
              { callId: 'i', parts: [{ text: '{"a":1}' }, { kind: 'media' }] },
            ],
          },
          { role: 'user', parts: [{ text: 'So?' }] },
        ],
      },
    ],
    'contents of one side in a row': [
      {
        contents: ['user', 'user', 'model', 'function', 'function'].map(role => ({
          role,
          parts: [
            role === 'function'
              ? { functionResponse: { name: 'f', response: { output: '{"a":1}' } } }
              : { text: 'x' },
          ],
        })),
      },
      { turns: [{}, {}, {}, { role: 'tool' }, { role: 'tool' }] },
    ],
  }

  test.each(Object.entries(cases))('%s', (_, [body, meaning]) => {
    const request = read(body)
    expect(request).toMatchObject(meaning)
    const { value, notes } = encodeRequest(request)
    expect({ value, notes }).toEqual({ value: { model: 'm', ...asked, ...body }, notes: [] })
  })

  test('what the official client kept of a stream is one turn again, signatures where they were', () => {
    const said = (...parts: readonly JsonObject[]) => parts.map(part => ({ role: 'model', parts: [part] }))
    const stream = [
      { text: 'Hm', thought: true },
      { text: '!', thought: true },
      { text: 'Hel' },
      { text: 'lo' },
    ]
    const [user] = asked.contents
    const contents = [
      user ?? {},
      ...said(...stream, { text: '', thoughtSignature: 'S' }, { text: 'a', thoughtSignature: 'T' }),
    ]
    expect<unknown>(encodeRequest(read({ contents })).value.contents).toEqual([
      user,
      {
        role: 'model',
        parts: [
          { text: 'Hm!', thought: true },
          { text: 'Hello', thoughtSignature: 'S' },
          { text: 'a', thoughtSignature: 'T' },
        ],
      },
    ])
  })

  test('results without ids find their calls by name, in order', () => {
    const named = (name: string) => ({ functionCall: { name, args: {} } })
    const answered = (name: string) => ({ functionResponse: { name, response: {} } })
    const { turns } = read({
      contents: [
        { role: 'model', parts: [named('f'), named('g'), named('f')] },
        { role: 'user', parts: [answered('f'), answered('f'), answered('g'), answered('gone')] },
      ],
    })
    const ids = turns[0]?.parts.map(part => part.kind === 'tool-call' && part.id) ?? []
    const answers = turns[1]?.parts.map(part => part.kind === 'tool-result' && part.callId) ?? []
    expect(answers.slice(0, 3)).toEqual([ids[0], ids[2], ids[1]] as typeof answers) // ids of calls
    expect(new Set([...ids, ...answers]).size).toBe(4)
  })
})

describe('what is read, although nobody should write it', () => {
  test('one object for a list, text for the instructions, and a model named by its path', () => {
    const request = read({ model: 'models/x', contents: { parts: { text: 'Hi' } }, systemInstruction: 'S' })
    expect(request).toMatchObject({
      model: 'x',
      instructions: [{ text: 'S' }],
      turns: [{ role: 'user', parts: [{ text: 'Hi' }] }],
    })
  })
})

test('what is wrong is named in the words of this wire', () => {
  const complaints: readonly (readonly [JsonObject, string])[] = [
    [{ contents: 7 }, 'contents'],
    [{ contents: [{ role: 'user', parts: [{ text: 7 }] }] }, 'contents[0].parts[0].text'],
    [
      { contents: [{ parts: [{ functionResponse: { response: {} } }] }] },
      'contents[0].parts[0].functionResponse.name',
    ],
    [
      { contents: [{ parts: [{ functionCall: { name: 'f', args: [] } }] }] },
      'contents[0].parts[0].functionCall.args',
    ],
    [{ generationConfig: { temperature: 'hot' } }, 'generationConfig.temperature'],
    [{ generationConfig: { maxOutputTokens: 1.5 } }, 'generationConfig.maxOutputTokens'],
    [{ tools: [{ functionDeclarations: [{}] }] }, 'tools[0].functionDeclarations[0].name'],
    [{ toolConfig: [] }, 'toolConfig'],
  ]
  for (const [body, param] of complaints)
    expect(complain(body)).toStartWith(`${param}: Invalid value at '${param}'`)
})
