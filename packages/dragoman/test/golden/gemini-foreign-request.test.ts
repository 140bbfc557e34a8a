import { describe, expect, test } from 'bun:test'
import { gemini } from '../../src/dialects/gemini/index.ts'
import type { Part } from '../../src/ir/part.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { assistant, call, result, tool, user, write } from './gemini-driver.ts'

const { pathOf } = gemini

describe('what other dialects say in other words, or cannot say here', () => {
  const image: Part = {
    kind: 'media',
    media: 'image',
    source: { type: 'base64', mediaType: 'image/png', data: 'A' },
  }
  const cases: { readonly [name: string]: readonly [Partial<GenerateRequest>, object, readonly string[]] } = {
    'the system, first and later': [
      {
        turns: [
          { role: 'developer', parts: [{ kind: 'text', text: 'a' }] },
          user('Hi'),
          { role: 'system', parts: [{ kind: 'text', text: 'b' }] },
        ],
      },
      {
        systemInstruction: { parts: [{ text: 'a' }] },
        contents: [{ role: 'user', parts: [{ text: 'Hi' }, { text: 'b' }] }],
      },
      ['approximated turns[2]'],
    ],
    'strict tools': [
      { tools: [tool('f', { strict: true })] },
      { toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } } },
      [],
    ],
    'some tools, if any': [
      { tools: [tool('f')], toolChoice: { mode: 'auto', allowed: [{ kind: 'function', name: 'f' }] } },
      { toolConfig: { functionCallingConfig: { mode: 'VALIDATED', allowedFunctionNames: ['f'] } } },
      [],
    ],
    'efforts beyond the highest, or none': [
      { reasoning: { effort: 'xhigh', summary: 'detailed' } },
      { generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true } } },
      ['approximated reasoning.effort', 'approximated reasoning.summary'],
    ],
    'no effort': [
      { reasoning: { effort: 'none' } },
      { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
      ['renamed reasoning.effort'],
    ],
    'thinking without a number is shown, as its callers expect': [
      { reasoning: { mode: 'on' } },
      { generationConfig: { thinkingConfig: { thinkingBudget: -1, includeThoughts: true } } },
      ['approximated reasoning.mode'],
    ],
    'a seed too large': [
      { sampling: { seed: 2 ** 31 } },
      { generationConfig: { seed: 1 } },
      ['approximated sampling.seed'],
    ],
    'details of images': [
      { turns: [user({ ...image, detail: 'low' }, { ...image, detail: 'high' })] },
      { generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_HIGH' } },
      ['approximated turns[0].parts[0].detail', 'approximated turns[0].parts[1].detail'],
    ],
    hints: [
      {
        parallelToolCalls: false,
        tools: [tool('f')],
        hints: {
          user: 'u',
          metadata: {},
          promptCacheKey: 'k',
          verbosity: 'low',
          store: true,
          serviceTier: 'priority',
        },
      },
      { serviceTier: 'priority' },
      [
        'dropped parallelToolCalls',
        ...['dropped hints.user', 'dropped hints.metadata', 'dropped hints.promptCacheKey'],
        ...['dropped hints.verbosity', 'dropped hints.store'],
      ],
    ],
    'thoughts and signatures of others': [
      {
        turns: [
          user('Hi'),
          assistant(
            { kind: 'thinking', text: 'Hm' },
            { ...call('a'), opaque: { form: 'signature', data: 'S', dialect: 'anthropic-messages' } },
          ),
        ],
      },
      { contents: [{}, { role: 'model', parts: [{ functionCall: { id: 'a', name: 'f', args: {} } }] }] },
      ['dropped turns[1].parts[0]', 'dropped turns[1].parts[1].opaque'],
    ],
    'a tool that failed and shows an image': [
      {
        turns: [
          user('Hi'),
          assistant(call('a')),
          {
            role: 'tool',
            parts: [
              {
                kind: 'tool-result',
                type: 'function',
                callId: 'a',
                isError: true,
                parts: [user('no').parts[0] ?? image, image],
              },
            ],
          },
        ],
      },
      {
        contents: [
          {},
          {},
          {
            parts: [
              {
                functionResponse: {
                  id: 'a',
                  name: 'f',
                  response: { error: 'no' },
                  parts: [{ inlineData: { data: 'A' } }],
                },
              },
            ],
          },
        ],
      },
      [],
    ],
    'arguments that are no JSON object': [
      { turns: [user('Hi'), assistant(call('a', '[1')), result('a', 'x')] },
      { contents: [{}, { parts: [{ functionCall: { args: { INVALID_JSON: '[1' } } }] }, {}] },
      ['refused turns[1].parts[0].arguments'],
    ],
    'tools that take free text': [
      { tools: [{ kind: 'custom', name: 'c' }] },
      { tools: [] },
      ['refused tools[0]'],
    ],
    'a document as text': [
      {
        turns: [
          user({
            kind: 'media',
            media: 'file',
            source: { type: 'text', mediaType: 'text/plain', text: 'é' },
          }),
        ],
      },
      { contents: [{ parts: [{ inlineData: { mimeType: 'text/plain', data: 'w6k=' } }] }] },
      [],
    ],
  }
  test.each(Object.entries(cases))('%s', (_, [fields, body, notes]) => {
    const written = write(fields)
    expect(written.value).toMatchObject(body)
    expect(written.notes).toEqual([...notes])
  })
})

test('paths of the model read in the words of this wire', () => {
  const paths: { readonly [path: string]: string } = {
    'turns[2].parts[0].arguments': 'contents[2].parts[0].functionCall.args',
    'instructions[0].cache': 'systemInstruction.parts[0].cache',
    'sampling.stop': 'generationConfig.stopSequences',
    maxTokens: 'generationConfig.maxOutputTokens',
    candidates: 'generationConfig.candidateCount',
    logprobs: 'generationConfig.responseLogprobs',
    'toolChoice.allowed': 'toolConfig.functionCallingConfig.allowedFunctionNames',
    'reasoning.effort': 'generationConfig.thinkingConfig.thinkingLevel',
    'output.schema.properties.a': 'generationConfig.responseJsonSchema.properties.a',
    'candidates[0].parts[1].opaque': 'candidates[0].content.parts[1].thoughtSignature',
    'candidates[1].finish.reason': 'candidates[1].finishReason',
  }
  for (const [path, wire] of Object.entries(paths)) expect(pathOf(path)).toBe(wire)
})
