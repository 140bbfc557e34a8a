import { describe, expect, test } from 'bun:test'
import { expectBroken, expectWhole, framesOf, textOf } from '../support/ends.ts'
import { ask, complaintOf, createScene, front } from '../support/scene.ts'
import type { Step } from '../support/upstream.ts'
import { messages } from '../support/wire.ts'

// Ruling 3: a JSON schema where the target has none, while the caller also passes tools.

const scene = createScene()
const path = '/v1/chat/completions'
/** A model of the Messages wire that has no structured output of its own, and can be forced to call a tool. */
const model = 'a/claude-3-5-haiku-20241022'
const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const format = { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } }
const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }]

const named = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`
const use = (index: number, name: string, input: string) => [
  named('content_block_start', {
    index,
    content_block: { type: 'tool_use', id: `toolu_${index}`, name, input: {} },
  }),
  named('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: input } }),
  named('content_block_stop', { index }),
]
const prose = (index: number, text: string) => [
  named('content_block_start', { index, content_block: { type: 'text', text: '' } }),
  named('content_block_delta', { index, delta: { type: 'text_delta', text } }),
  named('content_block_stop', { index }),
]
const ended = (reason: string) => [
  named('message_delta', {
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { output_tokens: 2 },
  }),
  messages.stop,
]
const whole = (content: object[], reason: string) => ({ ...messages.whole(''), content, stop_reason: reason })

/** A call with a schema, and tools unless it has none; streamed by these steps, or whole. */
async function asked(answer: readonly Step[] | object, fields: Record<string, unknown> = {}, config = {}) {
  const upstream = scene.upstream(
    stream => () => (Array.isArray(answer) ? stream(answer as readonly Step[]) : Response.json(answer)), // a list is a script
  )
  const { url } = front(scene, 'messages', upstream.url, config)
  const stream = Array.isArray(answer)
  const response = await ask(url, path, { model, stream, response_format: format, ...fields })
  const text = await response.text()
  // Whether a note is known before the head goes out depends on how the upstream's bytes arrive.
  const notes = `${response.headers.get('dragoman-notes')}\n${text}`
  return { response, text, notes, sent: upstream.seen[0]?.json ?? {} }
}

describe('ruling 3', () => {
  test('the model has to call a tool: one of the caller’s, or the answer', async () => {
    const answer = whole(
      [{ type: 'tool_use', id: 't', name: 'json_answer', input: { city: 'Paris' } }],
      'tool_use',
    )
    const { sent, response, text } = await asked(answer, { tools })
    expect(sent.tool_choice).toEqual({ type: 'any' })
    expect(sent.tools).toMatchObject([{ name: 'weather' }, { name: 'json_answer', input_schema: schema }])
    expect(sent).not.toHaveProperty('output_config')
    const [choice] = JSON.parse(text).choices
    expect([choice.message.content, choice.finish_reason]).toEqual(['{"city":"Paris"}', 'stop'])
    expect(choice.message).not.toHaveProperty('tool_calls')
    expect(response.headers.get('dragoman-notes')).toContain('emulated;path="response_format"')
  })

  test('without tools of the caller’s it is the answer that has to be called', async () => {
    const answer = whole(
      [{ type: 'tool_use', id: 't', name: 'json_answer', input: { city: 'Paris' } }],
      'tool_use',
    )
    const { sent } = await asked(answer)
    expect(sent.tool_choice).toMatchObject({ type: 'tool', name: 'json_answer' })
    expect(sent.tools).toMatchObject([{ name: 'json_answer' }])
  })

  test.each(['before', 'after'])(
    'a tool of the caller’s wins, called %s the answer; the answer is dropped with a note',
    async order => {
      const calls = [use(0, 'weather', '{"city":"Rome"}'), use(1, 'json_answer', '{"city":"Paris"}')]
      if (order === 'after') calls.reverse()
      const script = [messages.start, ...calls.flat(), ...ended('tool_use')]
      const { text, notes } = await asked(script, { tools })
      expectWhole(path, text)
      expect(text).toContain('"finish_reason":"tool_calls"')
      expect(text).toContain('weather')
      expect(text).not.toContain('json_answer')
      expect(textOf(text)).toBe('')
      expect(notes).toMatch(/dropped;path="[^"]*";reason="The model called one of your tools/)
    },
  )

  test('streamed, the answer comes as content once it is known to be JSON, and prose beside it does not', async () => {
    const steps = [
      messages.start,
      ...prose(0, 'Here it is:'),
      ...use(1, 'json_answer', '{"city":"Paris"}'),
      ...ended('tool_use'),
    ]
    const { text, notes } = await asked(steps)
    expectWhole(path, text)
    expect([textOf(text), text.includes('"finish_reason":"stop"')]).toEqual(['{"city":"Paris"}', true])
    expect(notes).toContain('The model wrote text beside the structured answer')
    expect(text).not.toContain('Here it is')
  })

  test('structured_stream: live sends it as it comes', async () => {
    const steps = [
      messages.start,
      named('content_block_start', {
        index: 0,
        content_block: { type: 'tool_use', id: 't', name: 'json_answer', input: {} },
      }),
      ...['{"ci', 'ty":', '"Paris"}'].map(piece =>
        named('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: piece } }),
      ),
      named('content_block_stop', { index: 0 }),
      ...ended('tool_use'),
    ]
    const live = await asked(steps, {}, { structured_stream: 'live' })
    const deltas = (text: string) =>
      framesOf(text).filter(({ data }) => data !== '[DONE]' && JSON.parse(data).choices?.[0]?.delta.content)
        .length
    expect([textOf(live.text), deltas(live.text)]).toEqual(['{"city":"Paris"}', 3])
    const buffered = await asked(steps)
    expect([textOf(buffered.text), deltas(buffered.text)]).toEqual(['{"city":"Paris"}', 1])
  })

  test('prose where JSON was promised is a failure, not an answer; nothing of it was shown', async () => {
    const streamed = await asked([messages.start, ...prose(0, 'I would rather not.'), ...ended('end_turn')])
    expect(streamed.response.status).toBe(502)
    expect(complaintOf(path, streamed.text).message).toContain('valid JSON')
    const collected = await asked(messages.whole('I would rather not.'))
    expect(collected.response.status).toBe(502)
  })

  test('arguments that are no JSON are a failure as well', async () => {
    const cut = await asked([messages.start, ...use(0, 'json_answer', '{"city":'), ...ended('tool_use')])
    if (cut.response.status === 200) expectBroken(path, cut.text, /valid JSON/)
    else expect(complaintOf(path, cut.text).message).toContain('valid JSON')
  })

  test('an answer that was cut by the limit says so, and is given as far as it goes', async () => {
    const { text } = await asked([
      messages.start,
      ...use(0, 'json_answer', '{"city":"Par'),
      ...ended('max_tokens'),
    ])
    expect(text).toContain('"finish_reason":"length"')
    expect(textOf(text)).toBe('{"city":"Par')
  })

  test('a caller who wants nothing emulated is refused by the field’s name', async () => {
    const upstream = scene.upstream(() => () => Response.json(messages.whole('x')))
    const { url } = front(scene, 'messages', upstream.url)
    const fields = { model, response_format: format }
    const response = await ask(url, path, fields, { 'dragoman-policy': 'reject' })
    const { param } = complaintOf(path, await response.text())
    expect([response.status, param, upstream.seen.length]).toEqual([400, 'response_format', 0])
  })

  test('JSON without a schema is emulated the same way', async () => {
    const answer = whole(
      [{ type: 'tool_use', id: 't', name: 'json_answer', input: { any: [1] } }],
      'tool_use',
    )
    const { text, sent } = await asked(answer, { response_format: { type: 'json_object' } })
    expect(sent.tools).toMatchObject([{ name: 'json_answer', input_schema: { type: 'object' } }])
    expect(JSON.parse(text).choices[0].message.content).toBe('{"any":[1]}')
  })

  test('a schema that is no object travels under a key of ours, and comes back without it', async () => {
    const list = { type: 'json_schema', json_schema: { name: 'list', schema: { type: 'array' } } }
    const answer = whole(
      [{ type: 'tool_use', id: 't', name: 'json_answer', input: { value: [1, 2] } }],
      'tool_use',
    )
    const { text, sent } = await asked(answer, { response_format: list })
    expect(sent.tools).toMatchObject([{ input_schema: { type: 'object', required: ['value'] } }])
    expect(JSON.parse(text).choices[0].message.content).toBe('[1,2]')
  })
})
