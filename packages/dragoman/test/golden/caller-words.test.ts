import { describe, expect, test } from 'bun:test'
import type { Dialect } from '../../src/core/dialect.ts'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'

/** The caller's own words for a part of what it said. */
function wordsOf({ decodeRequest, pathOf }: Dialect, wire: JsonObject, path: string): string {
  const request = decodeRequest({ model: 'm', ...wire })
  if (!request.ok) throw new Error(request.fault.message)
  return pathOf(path, request.value)
}

const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })

describe('a part of a message is named by its field', () => {
  const messages = [
    { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    { role: 'assistant', reasoning: 'Hm.', content: 'Yes.', tool_calls: [call('a'), call('b')] },
  ]
  test.each([
    ['turns[0].parts[0].cache', 'messages[0].content[0].prompt_cache_breakpoint'],
    ['turns[1].parts[0]', 'messages[1].reasoning'],
    ['turns[1].parts[0].opaque', 'messages[1].reasoning'],
    ['turns[1].parts[1]', 'messages[1].content[0]'],
    ['turns[1].parts[3].id', 'messages[1].tool_calls[1].id'],
    ['turns[9].parts[0]', 'messages[9].content[0]'],
    ['sampling.seed', 'seed'],
  ])('%s is %s', (path, words) => {
    expect(wordsOf(openaiChat, { messages }, path)).toBe(words)
  })
})

describe('a part of a turn is named by its item', () => {
  const input = [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'a' },
        { type: 'input_text', text: 'b' },
      ],
    },
    { type: 'reasoning', id: 'rs', summary: [], encrypted_content: 'x' },
    { type: 'message', role: 'assistant', content: 'Yes.' },
    { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
    {
      type: 'function_call_output',
      call_id: 'a',
      output: [{ type: 'input_image', image_url: 'https://x.test' }],
    },
    { role: 'user', content: 'c' },
  ]
  test.each([
    ['turns[0].parts[1].cache', 'input[0].content[1].prompt_cache_breakpoint'],
    ['turns[1].parts[0].opaque', 'input[1].encrypted_content'],
    ['turns[1].parts[1]', 'input[2].content[0]'],
    ['turns[1].parts[2]', 'input[3]'],
    ['turns[2].parts[0].parts[0]', 'input[4].output[0]'],
    ['turns[3].parts[0]', 'input[5].content[0]'],
    ['maxTokens', 'max_output_tokens'],
  ])('%s is %s', (path, words) => {
    expect(wordsOf(openaiResponses, { input }, path)).toBe(words)
  })

  test('of a bare string there is one', () => {
    expect(wordsOf(openaiResponses, { input: 'hi' }, 'turns[0].parts[0]')).toBe('input')
  })
})
