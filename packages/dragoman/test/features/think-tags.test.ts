import { describe, expect, test } from 'bun:test'
import { expectWhole, framesOf, textOf } from '../support/ends.ts'
import { ask, createScene, front, type Path, paths } from '../support/scene.ts'
import { chat } from '../support/wire.ts'
import { piece } from './frames.ts'
import { toolsOf } from './tools.ts'

// Complaints about other gateways (features C23), through this one on real sockets: reasoning that leaks into the text,
// or disappears. Reasoning that has a field of its own on the wire is C19's (state.test.ts).

const scene = createScene()

const thought = 'Paris < Rome? Hmm.'
const words = 'It rains.'
const said = `<think>\n${thought}</think>\n\n${words}`

/** What makes a Messages caller be shown thoughts. */
const budget = { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 } }
const asking = (path: Path) => (path === '/v1/messages' ? budget : {})

/** The thought of an answer, however its dialect streams it. */
const thoughtOf = (text: string) =>
  framesOf(text)
    .flatMap(({ data }) => {
      if (data === '[DONE]') return []
      const frame = JSON.parse(data)
      if (/^response\.reasoning(_summary)?_text\.delta$/.test(frame.type)) return [frame.delta]
      return [frame.choices?.[0]?.delta.reasoning_content ?? frame.delta?.thinking ?? '']
    })
    .join('')

function streaming(...steps: readonly string[]) {
  const upstream = scene.upstream(stream => () => stream([chat.role(), ...steps, chat.usage(), chat.done]))
  return front(scene, 'compatible', upstream.url).url
}

const cut = (text: string, size: number) =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    chat.text(text.slice(index * size, (index + 1) * size)),
  )

describe.each(paths)('features C23: reasoning between tags in the text, to %s', path => {
  test('is a thought, wherever the tags are cut', async () => {
    for (const size of [1, 2, 3, 5, 8, 13, said.length]) {
      const url = streaming(...cut(said, size), chat.finish())
      const text = await (await ask(url, path, { stream: true, ...asking(path) })).text()
      expectWhole(path, text)
      expect([size, thoughtOf(text).trim(), textOf(text)]).toEqual([size, thought, words])
      expect(text).not.toContain('think>')
    }
  })

  test('is one in a whole answer, and the caller is told that it was taken out of the text', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole(said)))
    const { url } = front(scene, 'compatible', upstream.url)
    const response = await ask(url, path, asking(path))
    expect(response.headers.get('dragoman-notes')).toContain('between tags')
    const text = await response.text()
    expect(text).toContain(thought)
    expect(text).not.toContain('think>')
    const body = JSON.parse(text)
    const spoken = {
      '/v1/chat/completions': () => body.choices[0].message.content,
      '/v1/responses': () => body.output.at(-1).content[0].text,
      '/v1/messages': () => body.content.at(-1).text,
    }
    expect(spoken[path]()).toBe(words)
  })

  test('stays in its place before a call', async () => {
    const call = piece(0, 'call_a', 'weather', '{"city":"Paris"}')
    const url = streaming(...cut(said, 4), call, chat.finish('tool_calls'))
    const fields = { stream: true, tools: toolsOf[path], ...asking(path) }
    const text = await (await ask(url, path, fields)).text()
    expectWhole(path, text)
    expect([thoughtOf(text).trim(), textOf(text)]).toEqual([thought, words])
    expect(text).toContain('call_a')
    expect(text).toMatch(/\{\\"city\\":\\"Paris\\"\}|Paris/)
  })

  test('is left as it came where nothing may be emulated', async () => {
    for (const policy of ['drop', 'reject']) {
      const url = streaming(...cut(said, 3), chat.finish())
      const response = await ask(url, path, { stream: true }, { 'dragoman-policy': policy })
      expect(textOf(await response.text())).toBe(said)
    }
  })

  test.each([
    ['a tag in the middle of a text', 'Write <think>x</think> first.'],
    ['a tag that is none', '<thinker>x</think>'],
    ['half a tag', ' <thi'],
    ['white space', '\n\nHello'],
  ])('is no thought where there is %s', async (_, words) => {
    const url = streaming(...cut(words, 3), chat.finish())
    expect(textOf(await (await ask(url, path, { stream: true })).text())).toBe(words)
  })

  test('that was cut is a thought without a text', async () => {
    const url = streaming(...cut(`<think>${thought}</thi`, 3), chat.finish('length'))
    const text = await (await ask(url, path, { stream: true, ...asking(path) })).text()
    expectWhole(path, text)
    expect([thoughtOf(text), textOf(text)]).toEqual([`${thought}</thi`, ''])
  })
})

test('features C23: log probabilities keep the text as they tell of it', async () => {
  const upstream = scene.upstream(() => () => Response.json(chat.whole(said)))
  const { url } = front(scene, 'compatible', upstream.url)
  const body = await (await ask(url, '/v1/chat/completions', { logprobs: true })).json()
  expect(body.choices[0].message.content).toBe(said)
})

test('features C23: a structured answer is what is behind the thought', async () => {
  const upstream = scene.upstream(() => () => Response.json(chat.whole('<think>Easy.</think>\n{"a":1}')))
  const { url } = front(scene, 'compatible', upstream.url)
  const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] }
  const format = { type: 'json_schema', json_schema: { name: 'n', schema, strict: true } }
  const response = await ask(url, '/v1/chat/completions', { response_format: format })
  const { message } = (await response.json()).choices[0]
  expect([message.content, message.reasoning_content]).toEqual(['{"a":1}', 'Easy.'])
})
