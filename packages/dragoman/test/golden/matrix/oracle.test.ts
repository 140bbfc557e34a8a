import { describe, expect, test } from 'bun:test'
import { listWireFiles, readRequest } from '@dragoman/fixtures'
import type { JsonObject, JsonValue } from '../../../src/ir/json.ts'
import { type CallerDialect, callers } from './cell.ts'
import { problemsOf } from './oracle.ts'

/** A legal request, what is wrong with it after one change, and the change: a value for a place, or nothing there. */
type Broken = readonly [
  fixture: string,
  problem: string,
  path: readonly (string | number)[],
  value?: JsonValue,
]

const closed = { type: 'object', properties: {}, additionalProperties: false }

const broken: { readonly [D in CallerDialect]: readonly Broken[] } = {
  'openai-chat': [
    ['tools', 'unknown field', ['max_output_tokens'], 5],
    ['tools', 'calls without a result', ['messages', 4]],
    ['tools', 'no call before it has this id', ['messages', 2]],
    ['tools', 'call id', ['messages', 2, 'tool_calls', 0, 'id'], 'x'.repeat(41)],
    ['tools', 'ids repeat', ['messages', 2, 'tool_calls', 1, 'id'], 'call_oslo_weather'],
    ['tools', 'only with tools', ['tools']],
    ['tools', 'name a.b', ['tools', 0, 'function', 'name'], 'a.b'],
    ['image', 'no image_url for system', ['messages', 0, 'role'], 'system'],
    ['text', 'content: required', ['messages', 1, 'content'], null],
    ['text', 'only with stream', ['stream_options'], {}],
    ['text', 'needs the usage', ['stream'], true],
    ['text', 'not beside', ['max_tokens'], 1],
    ['text', 'only with logprobs', ['top_logprobs'], 2],
    ['text', 'at least one', ['messages'], []],
    ['structured', 'name: required', ['response_format', 'json_schema', 'name'], ''],
  ],
  'openai-responses': [
    ['text', 'unknown field', ['n'], 2],
    ['text', 'at least 16', ['max_output_tokens'], 15],
    ['text', 'always tells the usage', ['stream_options'], { include_usage: true }],
    ['tools', 'no output for call', ['input', 6]],
    ['tools', 'no call before it', ['input', 3]],
    ['tools', 'answered twice', ['input', 6, 'call_id'], 'call_oslo_weather'],
    ['tools', 'required keys', ['tools', 0, 'strict']],
    ['tools', 'flat here', ['tools', 0, 'function'], {}],
    ['tools', 'no input_text for assistant', ['input', 2, 'content', 0, 'type'], 'input_text'],
    ['thinking', 'without the item it led to', ['input', 2]],
    ['thinking', 'come encrypted', ['input', 1, 'encrypted_content'], null],
    ['structured', 'name: required', ['text', 'format', 'name'], 'a b'],
  ],
  'anthropic-messages': [
    ['text', 'unknown field', ['user'], 'x'],
    ['text', 'max_tokens: required', ['max_tokens']],
    ['text', 'empty text', ['messages', 0, 'content'], ' '],
    ['tools', 'answers [', ['messages', 2, 'content', 1]],
    ['tools', 'come before everything else', ['messages', 2, 'content', 0], { type: 'text', text: 'First:' }],
    ['tools', 'first has to be of the user', ['messages', 0]],
    ['tools', 'in a row', ['messages', 1]],
    ['tools', 'call id a:b', ['messages', 1, 'content', 1, 'id'], 'a:b'],
    ['tools', 'is an object', ['messages', 1, 'content', 1, 'input'], '{}'],
    ['tools', 'tools have to be there', ['tools']],
    ['tools', 'no object schema', ['tools', 0, 'input_schema'], {}],
    ['tools', 'none takes no', ['tool_choice', 'type'], 'none'],
    ['tools', 'no tool h', ['tool_choice'], { type: 'tool', name: 'h' }],
    ['thinking', 'without a signature', ['messages', 1, 'content', 0, 'signature'], ''],
    ['thinking', 'below max_tokens', ['thinking'], { type: 'enabled', budget_tokens: 8192 }],
    ['structured-tools', 'without its thinking', ['thinking'], { type: 'enabled', budget_tokens: 1024 }],
    ['image', 'no images of type', ['messages', 0, 'content', 1, 'source', 'media_type'], 'image/bmp'],
    [
      'structured',
      'has to be closed',
      ['output_config', 'format', 'schema', 'properties'],
      { a: { ...closed, additionalProperties: true } },
    ],
  ],
  gemini: [
    ['text', 'unknown field', ['max_tokens'], 5],
    ['text', '/generationConfig', ['generationConfig', 'max_tokens'], 5],
    ['text', 'at least one', ['contents'], []],
    ['text', 'role: assistant', ['contents', 0, 'role'], 'assistant'],
    ['tools', 'answers [', ['contents', 2, 'parts', 1]],
    ['tools', 'only with functions', ['tools']],
    ['tools', 'name 9x', ['tools', 0, 'functionDeclarations', 0, 'name'], '9x'],
    ['structured', 'needs responseMimeType', ['generationConfig', 'responseMimeType']],
  ],
}

/** The value with something else at a place, or with nothing there. */
function changed(value: JsonValue, path: readonly (string | number)[], to: JsonValue | undefined): JsonValue {
  const [key, ...rest] = path
  const isLast = rest.length === 0
  if (Array.isArray(value)) {
    const list: readonly JsonValue[] = value
    return list.flatMap((item, index) => {
      if (index !== key) return [item]
      return isLast ? (to ?? []) : [changed(item, rest, to)]
    })
  }
  if (typeof value !== 'object' || value === null || typeof key !== 'string') throw new Error('no such place')
  const object = value as JsonObject // neither a list nor null
  const { [key]: inner = null, ...others } = object
  if (isLast) return to === undefined ? others : { ...others, [key]: to }
  return { ...others, [key]: changed(inner, rest, to) }
}

describe('the oracle', () => {
  test.each(callers)('finds nothing wrong with the requests of %s that were written for it', dialect => {
    const names = listWireFiles(dialect).flatMap(file => /^(.*)\.request\.json$/.exec(file)?.[1] ?? [])
    expect(names.length).toBeGreaterThan(9)
    for (const name of names) {
      // `n` is chat's own, and Gemini has its like: the other two are sent it to see what becomes of it.
      const has = dialect === 'openai-chat' || dialect === 'gemini'
      const known = has || name !== 'candidates' ? [] : ['n: unknown field']
      expect([name, problemsOf(dialect, readRequest(dialect, name))]).toEqual([name, known])
    }
  })

  for (const dialect of callers) {
    for (const [fixture, problem, path, value] of broken[dialect]) {
      test(`${dialect}: ${fixture} that is wrong: ${problem}`, () => {
        const body = changed(readRequest(dialect, fixture), path, value) as JsonObject // a changed object is one
        expect(problemsOf(dialect, body).join('\n')).toContain(problem)
      })
    }
  }
})
