import { describe, expect, test } from 'bun:test'
import type { ByteReader, Transport } from '../../src/core/ports.ts'
import { createClock } from '../support/clock.ts'
import { ask, canary, complaintOf, createScene, front, paths, recordOf } from '../support/scene.ts'
import { chat } from '../support/wire.ts'

// Law 7: an exception is a bug, and becomes one 500 in one place. Here the bug is in what the host hands in.

const scene = createScene()
const upstream = 'http://127.0.0.1:9'
const encoder = new TextEncoder()

/** An upstream that sends these bytes, and after them something that throws as soon as it is looked at. */
function transportOf(texts: readonly string[], isThrowing = true) {
  const state = { aborted: false }
  const left = [...texts]
  const trap = {
    done: false,
    get value(): Uint8Array {
      throw new Error(canary.prompt)
    },
  }
  const reader: ByteReader = {
    async read() {
      const text = left.shift()
      if (text !== undefined) return { done: false, value: encoder.encode(text) }
      return isThrowing ? trap : new Promise(() => {})
    },
    cancel: async () => {},
  }
  const transport: Transport = {
    async send(_, signal) {
      signal.addEventListener('abort', () => {
        state.aborted = true
      })
      return {
        status: 200,
        headers: { get: () => 'text/event-stream' },
        body: reader,
        bytes: () => Promise.reject(new Error(canary.prompt)),
      }
    },
  }
  return { state, transport }
}

/** A gateway that keeps its log. */
function logged(ports: Parameters<typeof front>[4]) {
  const log: string[] = []
  const made = front(
    scene,
    'compatible',
    upstream,
    {},
    {
      ...ports,
      log: (level, message, fields) => log.push(`${level} ${message} ${JSON.stringify(fields)}`),
    },
  )
  return { ...made, log }
}

describe('an exception', () => {
  test.each(paths)('before content is a 500 in the words of %s, with an id that the log has', async path => {
    const { transport, state } = transportOf([chat.role()])
    const clock = createClock()
    const { url, gateway, log } = logged({ transport, ambient: clock })
    const response = await ask(url, path, { stream: true })
    const text = await response.text()
    expect(response.status).toBe(500)
    const { message } = complaintOf(path, text)
    const id = response.headers.get('x-request-id') ?? ''
    expect(message).toContain(id)
    expect(text).not.toMatch(/Error:|\.ts/)
    expect(text).not.toContain(canary.prompt)
    expect(log.some(line => line.startsWith('error a bug') && line.includes(id))).toBe(true)
    const record = await recordOf(url, response)
    expect(record.attempts).toMatchObject([{ end: 'fault', fault: 'internal' }])
    expect([record.outcome, state.aborted, gateway.live]).toEqual(['internal', true, 0])
    expect(clock.pending).toBe(0)
  })

  test.each(paths)('in the middle of a stream is an error in band in the words of %s', async path => {
    const { transport, state } = transportOf([chat.role() + chat.text('Hello')])
    const { url, gateway, log } = logged({ transport })
    const response = await ask(url, path, { stream: true })
    const text = await response.text()
    expect(text).toContain('Hello')
    expect(text).toContain('This is a bug in the gateway')
    expect(text).not.toMatch(/\[DONE\]|message_stop|response\.completed/)
    expect(text).not.toContain(canary.prompt)
    expect(log.filter(line => line.startsWith('error a bug')).length).toBe(1)
    expect([state.aborted, gateway.live]).toEqual([true, 0])
  })

  test('while an answer is rendered lets the upstream go', async () => {
    const { transport, state } = transportOf([chat.role() + chat.text('Hello')], false)
    const clock = createClock()
    const after: typeof clock.after = (milliseconds, callback) => {
      if (milliseconds === 15_000) throw new Error(canary.prompt)
      return clock.after(milliseconds, callback)
    }
    const { url, gateway } = logged({ transport, ambient: { ...clock, after } })
    const response = await ask(url, '/v1/chat/completions', { stream: true })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain(canary.prompt)
    expect([state.aborted, gateway.live]).toEqual([true, 0])
  })

  test('in a page is a 500 as well', async () => {
    const { url } = logged({
      keys: {
        verify: () => {
          throw new Error(canary.prompt)
        },
      },
    })
    const response = await fetch(`${url}/v1/models`, { headers: { authorization: 'Bearer x' } })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain(canary.prompt)
  })
})
