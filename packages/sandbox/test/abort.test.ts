import { describe, expect, test } from 'bun:test'
import { chatBody, engine, request, until } from './support.ts'

const slowly = () => engine({ rate: 1 })
const stream = (signal?: AbortSignal, model = 'sandbox') =>
  request('chat/completions', chatBody('Tell me something.', { model, stream: true }), {
    ...(signal && { signal }),
  })
const idle = { timers: 0, streams: 0 }

const waiting = (sandbox: ReturnType<typeof engine>) => until(() => sandbox.live.timers > 0)

describe('nothing is left behind', () => {
  test('when the body is read to its end', async () => {
    const sandbox = engine()
    const response = await sandbox.fetch(stream())
    expect(sandbox.live).toEqual({ timers: 0, streams: 1 })
    await response.text()
    expect(sandbox.live).toEqual(idle)
  })

  test('when the reader cancels while the engine waits', async () => {
    const sandbox = slowly()
    const reader = (await sandbox.fetch(stream())).body?.getReader()
    await reader?.read()
    const next = reader?.read()
    await waiting(sandbox)
    expect(sandbox.live).toEqual({ timers: 1, streams: 1 })
    await reader?.cancel()
    expect((await next)?.done).toBeTrue()
    await until(() => sandbox.live.timers === 0)
    expect(sandbox.live).toEqual(idle)
  })

  test('when the request is aborted while the engine waits', async () => {
    const sandbox = slowly()
    const control = new AbortController()
    const reader = (await sandbox.fetch(stream(control.signal))).body?.getReader()
    await reader?.read()
    const next = reader?.read()
    await waiting(sandbox)
    control.abort()
    const failed = await next?.then(
      () => null,
      error => error,
    )
    expect(failed.name).toBe('AbortError')
    expect(sandbox.live).toEqual(idle)
  })

  test('when the request is aborted before the body is read', async () => {
    const sandbox = slowly()
    const control = new AbortController()
    const response = await sandbox.fetch(stream(control.signal))
    control.abort()
    expect(sandbox.live).toEqual(idle)
    expect(await response.text().catch(error => error)).toHaveProperty('name', 'AbortError')
  })

  test('when the body is never read, but given up', async () => {
    const sandbox = slowly()
    await (await sandbox.fetch(stream())).body?.cancel()
    expect(sandbox.live).toEqual(idle)
  })

  test('when a thousand readers leave at different moments', async () => {
    const sandbox = engine({ rate: 100, sleep: async () => {} })
    const leave = async (reads: number) => {
      const reader = (await sandbox.fetch(stream())).body?.getReader()
      for (let at = 0; at < reads; at += 1) await reader?.read()
      await reader?.cancel()
    }
    await Promise.all(Array.from({ length: 1000 }, (_, at) => leave(at % 7)))
    expect(sandbox.live).toEqual(idle)
  })

  test('a reader that is gone is not written for', async () => {
    let waits = 0
    const sandbox = engine({
      rate: 100,
      sleep: async () => {
        waits += 1
      },
    })
    const reader = (await sandbox.fetch(stream(undefined, 'sandbox/long'))).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    const before = waits
    let turns = 0
    await until(() => ++turns > 20)
    expect(waits).toBe(before)
  })
})
