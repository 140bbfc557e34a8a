import { describe, expect, test } from 'bun:test'
import { createClock } from '../support/clock.ts'
import { expectWhole, framesOf } from '../support/ends.ts'
import { ask, complaintOf, createScene, front, provider, readUntil, recordOf } from '../support/scene.ts'
import { gate, type Step } from '../support/upstream.ts'
import { chat } from '../support/wire.ts'

// Ruling 2: n by fan-out. That a failed leg is tried again alone, that after content the others go on and one error
// comes last, is in skeleton/stream.test.ts; that all legs are left with their client, in faults/client.test.ts.

const scene = createScene()
const path = '/v1/chat/completions'

/** A gateway in front of a target without `n`, each call of which is answered by its own script. */
function legs(
  scripts: (index: number) => readonly Step[] | Response,
  config: Parameters<typeof front>[3] = {},
  ports = {},
) {
  const upstream = scene.upstream(stream => (_, index) => {
    const script = scripts(index)
    return script instanceof Response ? script : stream(script)
  })
  return { upstream, ...front(scene, 'modest', upstream.url, config, ports) }
}

const call = (id: string, name: string) => ({
  index: 0,
  id,
  type: 'function',
  function: { name, arguments: `{"leg":"${name}"}` },
})
const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }]

describe('ruling 2', () => {
  test('ids of calls are unique across legs, though every leg gave the same, streamed and whole', async () => {
    const stream = [
      chat.role(),
      chunk({ tool_calls: [call('call_1', 'weather')] }),
      chunk({}, 'tool_calls'),
      chat.done,
    ]
    const whole = {
      ...chat.whole(''),
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: null, tool_calls: [call('call_1', 'weather')] },
          finish_reason: 'tool_calls',
        },
      ],
    }
    const streamed = legs(() => stream)
    const text = await (await ask(streamed.url, path, { stream: true, n: 3, tools })).text()
    const ids = framesOf(text).flatMap(({ data }) =>
      data === '[DONE]'
        ? []
        : (JSON.parse(data).choices ?? []).flatMap(
            (choice: { delta: { tool_calls?: { id?: string }[] } }) =>
              choice.delta.tool_calls?.flatMap(one => one.id ?? []) ?? [],
          ),
    )
    expect([ids.length, new Set(ids).size]).toEqual([3, 3])
    const collected = legs(() => Response.json(whole))
    const body = await (await ask(collected.url, path, { n: 3, tools })).json()
    const wholeIds = body.choices.map(
      (choice: { message: { tool_calls: { id: string }[] } }) => choice.message.tool_calls[0]?.id,
    )
    expect([wholeIds.length, new Set(wholeIds).size]).toEqual([3, 3])
    for (const id of [...ids, ...wholeIds]) expect(id.length).toBeLessThanOrEqual(40)
  })

  test('usage is summed, the prompt as often as it is billed, streamed and whole', async () => {
    const streamed = legs(index => [
      chat.role(),
      chat.text('x'),
      chat.finish(),
      chat.usage(10, index + 1),
      chat.done,
    ])
    const response = await ask(streamed.url, path, {
      stream: true,
      n: 3,
      stream_options: { include_usage: true },
    })
    const text = await response.text()
    const last = JSON.parse(framesOf(text).at(-2)?.data ?? '{}')
    expect([last.choices, last.usage.prompt_tokens, last.usage.completion_tokens]).toEqual([[], 30, 6])
    expect(response.headers.get('dragoman-notes')).toMatch(/emulated;path="n";.*billed 3 times.*;cost=3/)
    const collected = legs(() => Response.json(chat.whole('x')))
    const body = await (await ask(collected.url, path, { n: 3 })).json()
    expect(body.usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 6, total_tokens: 15 })
    expect(body.choices.map((choice: { index: number }) => choice.index)).toEqual([0, 1, 2])
  })

  test('n legs are n attempts, each with its number, its end and its usage', async () => {
    const { url } = legs(index => [
      chat.role(),
      chat.text('x'),
      chat.finish(),
      chat.usage(10, index + 1),
      chat.done,
    ])
    const response = await ask(url, path, { stream: true, n: 3 })
    await response.text()
    const { attempts } = await recordOf(url, response)
    expect(attempts.map((attempt: { leg: number; end: string }) => [attempt.leg, attempt.end])).toEqual([
      [0, 'completed'],
      [1, 'completed'],
      [2, 'completed'],
    ])
    const outputs = attempts.map((attempt: { usage: { output: number } }) => attempt.usage.output)
    expect(outputs.toSorted()).toEqual([1, 2, 3])
  })

  test('the slowest leg decides when something is shown, and which status it is', async () => {
    const hold = gate()
    const arrived = gate()
    const { url } = legs(index => {
      if (index === 2) arrived.open()
      const head = index === 2 ? [hold.wait] : []
      return [...head, chat.role(), chat.text(`leg${index}`), chat.finish(), chat.done]
    })
    const waiting = ask(url, path, { stream: true, n: 3 })
    let isAnswered = false
    void waiting.then(() => {
      isAnswered = true
    })
    await arrived.wait
    for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
    expect(isAnswered).toBe(false)
    hold.open()
    const text = await (await waiting).text()
    expectWhole(path, text)
    for (const leg of ['leg0', 'leg1', 'leg2']) expect(text).toContain(leg)
  })

  test('a leg that cannot be had is an HTTP error, and the others are let go', async () => {
    const clock = createClock()
    const failed = () =>
      Response.json({ error: { message: 'no room', type: 'server_error' } }, { status: 503 })
    // Legs are asked for in order, so that the second request is a leg's first try; every later one is its next.
    const { upstream, url, gateway } = legs(
      index => (index === 0 || index === 2 ? [chat.role(), chat.text('x'), gate().wait] : failed()),
      { retry: { attempts: 2 } },
      { ambient: clock },
    )
    const response = await clock.until(ask(url, path, { stream: true, n: 3 }))
    expect(response.status).toBe(503)
    expect(complaintOf(path, await response.text()).message).toBe('no room')
    await upstream.idle()
    // Three legs, and two more tries of the one that failed.
    expect([upstream.seen.length, gateway.live]).toEqual([5, 0])
  })

  test('one leg that talks much does not hold up the others', async () => {
    const hold = gate()
    const { url } = legs(index =>
      index === 0
        ? [chat.role(), chat.text('first'), hold.wait, chat.finish(), chat.done]
        : [chat.role(), chat.text('other'), chat.finish(), chat.done],
    )
    const response = await ask(url, path, { stream: true, n: 2 })
    const reading = readUntil(response, 'other')
    await reading.seen()
    hold.open()
    expectWhole(path, await reading.rest())
  })

  test('is not done for too many, or where the caller wants nothing emulated', async () => {
    const { url, upstream } = legs(() => Response.json(chat.whole('x')))
    const many = await ask(url, path, { n: 17 })
    expect([many.status, complaintOf(path, await many.text()).param]).toEqual([400, 'n'])
    const strict = await ask(url, path, { n: 2 }, { 'dragoman-policy': 'reject' })
    expect([strict.status, complaintOf(path, await strict.text()).param]).toEqual([400, 'n'])
    expect(upstream.seen.length).toBe(0)
    const dropped = await ask(url, path, { n: 2 }, { 'dragoman-policy': 'drop' })
    expect((await dropped.json()).choices.length).toBe(1)
    expect(dropped.headers.get('dragoman-notes')).toContain('dropped;path="n"')
    expect(upstream.seen[0]?.json).not.toHaveProperty('n')
  })

  test('n: 1 is one call, and a target that has n gets it', async () => {
    const { url, upstream } = legs(() => Response.json(chat.whole('x')))
    await ask(url, path, { n: 1 })
    expect(upstream.seen.length).toBe(1)
    const native = scene.upstream(() => () => Response.json(chat.whole('x')))
    const able = scene.gateway({ providers: { a: provider('compatible', native.url) } })
    await ask(able.url, path, { n: 3 })
    expect([native.seen.length, native.seen[0]?.json.n]).toEqual([1, 3])
  })
})
