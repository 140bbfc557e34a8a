import { describe, expect, test } from 'bun:test'
import { faults } from '../src/index.ts'
import { loadTokenizer } from '../src/tokens.ts'
import {
  chat,
  chatBody,
  engine,
  events,
  post,
  type Read,
  read,
  request,
  streamed,
  until,
  weather,
} from './support.ts'

const serverError = {
  message:
    'The server had an error while processing your request. Sorry about that! You can retry your request.',
  type: 'server_error',
  param: null,
  code: null,
}
const body = (model: string, more: object = {}) => chatBody('Tell me something.', { model, ...more })
const whole = (fault: string, more: object = {}) => post('chat/completions', body(`sandbox/${fault}`, more))

/** The frames of a chat stream up to where it broke, read without asking that it ends well. */
async function frames(
  fault: string,
  more: object = {},
): Promise<{ readonly text: string; readonly data: string[] }> {
  const { text, status } = await whole(fault, { stream: true, ...more })
  expect(status).toBe(200)
  return { text, data: text.split('\n\n').map(frame => frame.replace(/^data: /, '')) }
}

/** Everything that could be read, and the error that ended it. */
async function drain(response: Response): Promise<{ readonly text: string; readonly error: Read }> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) text += next.value
    return { text, error: null }
  } catch (error) {
    return { text, error }
  }
}

test('every fault has a name and a sentence, and every one is tried here', async () => {
  const source = await Bun.file(import.meta.path).text()
  const readme = (await Bun.file(`${import.meta.dir}/../README.md`).text()).replace(/ +/g, ' ')
  expect(new Set(faults.map(fault => fault.name)).size).toBe(faults.length)
  for (const { name, sentence } of faults) {
    expect(sentence).toMatch(/^[A-Z].*\.$/)
    expect(readme).toContain(`| \`${name}\` | ${sentence} |`)
    expect(source).toMatch(new RegExp(`['/]${name}(?:-\\d+)?['"]`))
  }
})

describe('by status', () => {
  const rows: readonly (readonly [string, number, string, string | null])[] = [
    ['400', 400, 'invalid_request_error', 'invalid_prompt'],
    ['401', 401, 'invalid_request_error', 'invalid_api_key'],
    ['403', 403, 'request_forbidden', 'unsupported_country_region_territory'],
    ['404', 404, 'invalid_request_error', 'model_not_found'],
    ['429', 429, 'requests', 'rate_limit_exceeded'],
    ['429-quota', 429, 'insufficient_quota', 'insufficient_quota'],
    ['500', 500, 'server_error', null],
    ['503', 503, 'server_error', null],
    ['529', 529, 'overloaded_error', null],
  ]
  test.each(rows.map(row => [...row]))(
    '%s, whole, streamed and on every route',
    async (name, status, type, code) => {
      const model = `sandbox/${name}`
      const sent: readonly (readonly [string, object])[] = [
        ['chat/completions', body(model)],
        ['chat/completions', body(model, { stream: true })],
        ['responses', { model, input: 'hi' }],
        ['completions', { model, prompt: 'hi' }],
        ['embeddings', { model, input: 'hi' }],
      ]
      for (const [path, one] of sent) {
        const reply = await post(path, one)
        expect([reply.status, Object.keys(reply.json)]).toEqual([status, ['error']])
        expect(reply.json.error).toEqual({ message: expect.any(String), type, param: null, code })
      }
    },
  )

  test('a rate limit says when to come back, an empty purse does not', async () => {
    const limited = await whole('429')
    expect(limited.headers.get('retry-after')).toBe('2')
    expect(limited.headers.get('x-ratelimit-reset-requests')).toBe('2s')
    expect((await whole('429-quota')).headers.has('retry-after')).toBeFalse()
    expect((await whole('503')).headers.get('retry-after')).toBe('1')
  })

  test('a key that is refused is not repeated', async () => {
    const sent = request('chat/completions', body('sandbox/401'), {
      headers: { authorization: 'Bearer sk-secret' },
    })
    expect((await read(await engine().fetch(sent))).text).not.toContain('secret')
  })

  test('flaky fails as often as it says for each caller, then answers', async () => {
    const sandbox = engine()
    const ask = async (model: string, more: object = {}) =>
      (await post('chat/completions', body(model, more), sandbox)).status
    const statuses = []
    for (let at = 0; at < 5; at += 1) statuses.push(await ask('sandbox/flaky-3'))
    expect(statuses).toEqual([503, 503, 503, 200, 200])
    expect(await ask('sandbox/flaky-3', { user: 'another' })).toBe(503)
    expect(await ask('sandbox/flaky-3', { seed: 1 })).toBe(503)
    expect([await ask('sandbox/flaky'), await ask('sandbox/flaky'), await ask('sandbox/flaky')]).toEqual([
      503, 503, 200,
    ])
    expect((await post('chat/completions', body('sandbox/flaky-3'))).status).toBe(503)
  })

  test('a fault is found without its prefix, and with no other number than its own', async () => {
    expect((await post('chat/completions', body('429'))).status).toBe(429)
    expect((await post('chat/completions', body('sandbox/cut-3'))).json.error.code).toBe('model_not_found')
    expect((await post('chat/completions', body('sandbox/banana'))).json.error.code).toBe('model_not_found')
  })

  test('a body that is wrong is refused before it can fail otherwise', async () => {
    expect((await whole('html', { temperature: 9 })).status).toBe(400)
  })
})

describe('by body', () => {
  test('html', async () => {
    for (const stream of [false, true]) {
      const reply = await whole('html', { stream })
      expect([reply.status, reply.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8'])
      expect(reply.text).toStartWith('<!DOCTYPE html>')
    }
  })

  test('empty', async () => {
    expect(await whole('empty')).toMatchObject({ status: 200, text: '' })
    const reply = await whole('empty', { stream: true })
    expect([reply.text, reply.headers.get('content-type')]).toEqual(['', 'text/event-stream; charset=utf-8'])
  })

  test('ok-error', async () => {
    for (const stream of [false, true]) {
      const reply = await whole('ok-error', { stream })
      expect([reply.status, reply.json]).toEqual([200, { error: serverError }])
      expect(reply.headers.get('content-type')).toContain('application/json')
    }
  })
})

describe('by time', () => {
  test('silent never answers, until the caller gives up', async () => {
    const sandbox = engine()
    const control = new AbortController()
    const answer = sandbox.fetch(
      request('chat/completions', body('sandbox/silent'), { signal: control.signal }),
    )
    let settled = false
    answer.then(
      () => {
        settled = true
      },
      () => {
        settled = true
      },
    )
    await until(() => sandbox.live.timers > 0)
    expect(settled).toBeFalse()
    control.abort()
    expect(await answer.catch(error => error)).toHaveProperty('name', 'AbortError')
    expect(sandbox.live).toEqual({ timers: 0, streams: 0 })
  })

  test.each([false, true])('stall sends headers and nothing else (stream: %p)', async stream => {
    const sandbox = engine()
    const response = await sandbox.fetch(request('chat/completions', body('sandbox/stall', { stream })))
    expect(response.status).toBe(200)
    const reader = response.body?.getReader()
    const first = reader?.read()
    await until(() => sandbox.live.timers > 0)
    expect(sandbox.live).toEqual({ timers: 1, streams: 1 })
    await reader?.cancel()
    expect((await first)?.done).toBeTrue()
    await until(() => sandbox.live.timers === 0)
    expect(sandbox.live).toEqual({ timers: 0, streams: 0 })
  })

  test.each([
    ['slow', 5000],
    ['slow-70', 70],
  ])('%s answers after %d ms', async (name, milliseconds) => {
    for (const stream of [false, true]) {
      const waited: number[] = []
      const sandbox = engine({
        sleep: async wait => {
          waited.push(wait)
        },
      })
      const reply = await post('chat/completions', body(`sandbox/${name}`, { stream }), sandbox)
      expect(reply.status).toBe(200)
      expect(reply.text).toContain(stream ? '[DONE]' : '"stop"')
      expect(waited).toEqual([milliseconds])
    }
  })
})

describe('by stream', () => {
  const contents = (data: readonly string[]): string =>
    data
      .filter(one => one.startsWith('{"id"'))
      .map(one => JSON.parse(one).choices[0]?.delta.content ?? '')
      .join('')

  test('cut ends in the middle of the content, without a terminator', async () => {
    const { text, data } = await frames('cut')
    expect(events(text).length).toBeGreaterThan(5)
    const half = contents(data)
    const full = (await chat('Tell me something.', { model: 'sandbox/no-done' })).json
    expect(half.length).toBeGreaterThan(10)
    expect(text).not.toContain('[DONE]')
    expect(text).not.toContain('"finish_reason":"stop"')
    expect(full.choices[0].finish_reason).toBe('stop')
    expect((await whole('cut')).json).toBeUndefined()
  })

  test('reset tears the connection', async () => {
    for (const stream of [false, true]) {
      const sandbox = engine()
      const response = await sandbox.fetch(request('chat/completions', body('sandbox/reset', { stream })))
      const { text, error } = await drain(response)
      expect(text.length).toBeGreaterThan(50)
      expect(error).toMatchObject({ code: 'ECONNRESET' })
      expect(sandbox.live).toEqual({ timers: 0, streams: 0 })
    }
  })

  test('cut-tool ends inside the arguments of a call', async () => {
    for (const more of [
      {},
      { tools: [weather], messages: [{ role: 'user', content: 'Weather in Oslo?' }] },
    ]) {
      const { text, data } = await frames('cut-tool', more)
      const calls = data
        .filter(one => one.startsWith('{'))
        .flatMap(one => JSON.parse(one).choices[0].delta.tool_calls ?? [])
      expect(calls[0].function.name).toBe('tools' in more ? 'get_weather' : 'lookup')
      const input = calls.map((call: Read) => call.function.arguments).join('')
      expect(input.length).toBeGreaterThan(0)
      expect(() => JSON.parse(input)).toThrow()
      expect(text).not.toContain('[DONE]')
    }
    expect((await whole('cut-tool')).json).toBeUndefined()
  })

  test('error-mid: content, then an error, then nothing', async () => {
    const { text, data } = await frames('error-mid')
    expect(contents(data).length).toBeGreaterThan(10)
    expect(events(text).at(-1)?.data).toEqual({ error: serverError })
    expect(await whole('error-mid')).toMatchObject({ status: 500, json: { error: serverError } })
  })

  test('error-first: an error, then nothing', async () => {
    const { text } = await frames('error-first')
    expect(events(text).map(event => event.data)).toEqual([{ error: serverError }])
    expect(await whole('error-first')).toMatchObject({ status: 500, json: { error: serverError } })
  })

  test('truncated ends inside a frame, or inside the JSON', async () => {
    const { data } = await frames('truncated')
    expect(() => JSON.parse(data.at(-1) ?? '')).toThrow()
    expect(data.at(-1)).toStartWith('{"id"')
    const { status, json, text } = await whole('truncated')
    expect([status, json]).toEqual([200, undefined])
    expect(text).toStartWith('{"id"')
  })

  test('garbage: one frame is not JSON, the others are', async () => {
    const { data } = await frames('garbage')
    const broken = data.slice(0, -2).filter(one => {
      try {
        JSON.parse(one)
        return false
      } catch {
        return true
      }
    })
    expect(broken).toHaveLength(1)
    expect(data.at(-2)).toBe('[DONE]')
    const reply = await whole('garbage')
    expect([reply.status, reply.json]).toEqual([200, undefined])
  })

  test('no-done: everything but the terminator', async () => {
    const { text, data } = await frames('no-done')
    expect(JSON.parse(data.at(-2) ?? '').choices[0].finish_reason).toBe('stop')
    expect(text).not.toContain('[DONE]')
    expect((await whole('no-done')).json.choices[0].finish_reason).toBe('stop')
  })

  test('on Responses an error comes after the opening, nested, and the response fails', async () => {
    for (const [fault, deltas] of [
      ['error-first', 0],
      ['error-mid', 10],
    ] as const) {
      const told = await streamed('responses', { model: `sandbox/${fault}`, input: 'Tell me something.' })
      expect(told.map((event: Read) => event.sequence_number)).toEqual([...told.keys()])
      const types = told.map((event: Read) => event.type)
      expect(types.slice(0, 2)).toEqual(['response.created', 'response.in_progress'])
      expect(types.slice(-2)).toEqual(['error', 'response.failed'])
      const found = types.filter((type: string) => type === 'response.output_text.delta').length
      expect(found >= deltas && (deltas > 0 || found === 0)).toBeTrue()
      const [error, failed] = told.slice(-2)
      expect(error.error).toEqual({ ...serverError, code: 'server_error' })
      expect(failed.response).toMatchObject({
        status: 'failed',
        output: [],
        usage: null,
        error: { code: 'server_error', message: serverError.message },
      })
    }
  })

  test('on Responses the terminator is the last event', async () => {
    const types = (await streamed('responses', { model: 'sandbox/no-done', input: 'hi' })).map(
      (event: Read) => event.type,
    )
    expect(types.at(-1)).toBe('response.output_item.done')
    const cut = await post('responses', { model: 'sandbox/cut', input: 'hi', stream: true })
    expect(events(cut.text).at(-1)?.name).toBe('response.output_text.delta')
  })

  test('completions break in the same ways', async () => {
    const streams = async (fault: string) =>
      (await post('completions', { model: `sandbox/${fault}`, prompt: 'hi', stream: true })).text
    expect(await streams('cut')).not.toContain('[DONE]')
    expect(events(await streams('error-mid')).at(-1)?.data).toEqual({ error: serverError })
    expect(events(await streams('error-first'))).toHaveLength(1)
    expect(await streams('no-done')).toContain('"length"')
  })

  test('embeddings break like any whole body', async () => {
    const embed = (fault: string) => post('embeddings', { model: `sandbox/${fault}`, input: 'hi' })
    expect((await embed('truncated')).json).toBeUndefined()
    expect((await embed('error-mid')).status).toBe(500)
    expect((await embed('no-done')).json.data).toHaveLength(1)
  })
})

describe('by answer', () => {
  test('long has as many tokens as it says', async () => {
    const tokenizer = await loadTokenizer()
    for (const [name, tokens] of [
      ['long', 4000],
      ['long-120', 120],
    ] as const) {
      const { choices, usage } = (await whole(name)).json
      expect([usage.completion_tokens, choices[0].finish_reason]).toEqual([tokens, 'stop'])
      expect(tokenizer.count(choices[0].message.content)).toBe(tokens)
    }
    const cut = (await whole('long', { max_tokens: 50 })).json
    expect([cut.usage.completion_tokens, cut.choices[0].finish_reason]).toEqual([50, 'length'])
  })

  test('length always runs into its limit', async () => {
    for (const [name, tokens] of [
      ['length', 8],
      ['length-3', 3],
    ] as const) {
      const { choices, usage } = (await whole(name)).json
      expect([usage.completion_tokens, choices[0].finish_reason]).toEqual([tokens, 'length'])
    }
  })

  test('think reasons first', async () => {
    expect((await whole('think')).json.usage.completion_tokens_details.reasoning_tokens).toBe(192)
    const { json } = await post('responses', { model: 'sandbox/think', input: 'hi' })
    expect(json.output[0].type).toBe('reasoning')
  })

  test('refuse refuses', async () => {
    const { message, finish_reason } = (await whole('refuse')).json.choices[0]
    expect([message.content, finish_reason]).toEqual([null, 'stop'])
    expect(message.refusal).toStartWith("I'm sorry")
    const { json } = await post('responses', { model: 'sandbox/refuse', input: 'hi' })
    expect(json.output[0].content).toEqual([{ type: 'refusal', refusal: message.refusal }])
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false }
    const response_format = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } }
    expect((await whole('refuse', { response_format })).json.choices[0].message.content).toBeNull()
  })

  test('filter stops after half of the answer', async () => {
    const { message, finish_reason } = (await whole('filter')).json.choices[0]
    expect(finish_reason).toBe('content_filter')
    expect(message.content.length).toBeGreaterThan(10)
    const { json } = await post('responses', { model: 'sandbox/filter', input: 'hi' })
    expect([json.status, json.incomplete_details]).toEqual(['incomplete', { reason: 'content_filter' }])
  })

  test('unicode has it all', async () => {
    const text: string = (await whole('unicode')).json.choices[0].message.content
    for (const piece of ['👩‍👩‍👧‍👦', 'e\u0301', 'שלום', 'مرحبا', '𠜎', '🫠']) expect(text).toContain(piece)
    const tokenizer = await loadTokenizer()
    expect(tokenizer.encode(text).some(id => tokenizer.text(id) === null)).toBeTrue()
  })

  test('cites cites', async () => {
    const { message } = (await whole('cites')).json.choices[0]
    expect(message.annotations).toHaveLength(2)
    for (const { type, url_citation } of message.annotations) {
      expect(type).toBe('url_citation')
      expect(URL.canParse(url_citation.url)).toBeTrue()
      const said = message.content.slice(url_citation.start_index, url_citation.end_index)
      expect(said).toMatch(/dragoman|sandbox/)
    }
    const { json } = await post('responses', { model: 'sandbox/cites', input: 'Tell me something.' })
    const { text, annotations } = json.output[0].content[0]
    expect(text).toBe(message.content.replace(/"[^"]*"/, '"Tell me something."'))
    expect(annotations[0]).toEqual({ type: 'url_citation', ...message.annotations[0].url_citation })
  })
})
