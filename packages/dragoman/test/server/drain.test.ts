import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'

// Whole processes start here, beside whatever else the machine is doing.
setDefaultTimeout(120_000)

const script = join(import.meta.dir, 'drain-process.ts')
const children: Bun.Subprocess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** A server in a process, with its address once it listens. */
async function start(drain: number, notice: number, endsWithLastCall: boolean) {
  const child = Bun.spawn(
    [process.execPath, script, String(drain), String(notice), String(endsWithLastCall)],
    {
      stdout: 'pipe',
      stderr: 'pipe',
    },
  )
  children.push(child)
  const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader()
  const { value = '' } = await child.stdout.pipeThrough(new TextDecoderStream()).getReader().read()
  return { child, url: value.trim(), nextLog: async () => (await stderr.read()).value ?? '' }
}

/** A call under way: its first bytes came. */
async function startCall(url: string) {
  const reader = (await fetch(`${url}/call`)).body?.getReader()
  const decoder = new TextDecoder()
  let heard = decoder.decode((await reader?.read())?.value)
  return {
    async rest(): Promise<string> {
      for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
        heard += decoder.decode(read.value)
      }
      return heard
    },
  }
}

describe('SIGTERM', () => {
  test('nothing under way: ends at once with 0', async () => {
    const { child } = await start(60_000, 60_000, true)
    child.kill('SIGTERM')
    expect(await child.exited).toBe(0)
  })

  test('not ready at once, the port still open; the call under way finishes, and then it ends with 0', async () => {
    const { child, url, nextLog } = await start(60_000, 60_000, true)
    const call = await startCall(url)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await nextLog()).toContain('SIGTERM')
    const ready = await fetch(`${url}/readyz`)
    expect([ready.status, ready.headers.get('connection')]).toEqual([503, 'close'])
    child.kill('SIGUSR2')
    expect(await call.rest()).toBe('started finished')
    expect(await child.exited).toBe(0)
  })

  test('where somebody may balance onto it, the port stays open for the whole notice', async () => {
    const { child, url, nextLog } = await start(60_000, 300, false)
    child.kill('SIGTERM')
    await nextLog()
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    expect(await child.exited).toBe(0)
  })

  test('a call that outlasts the limit ends in band, not with a broken connection', async () => {
    const { child, url } = await start(50, 60_000, true)
    const call = await startCall(url)
    child.kill('SIGTERM')
    expect(await call.rest()).toBe('started cut off')
    expect(await child.exited).toBe(0)
  })

  test('a second one skips the waiting', async () => {
    const { child, url } = await start(3_600_000, 3_600_000, false)
    const call = await startCall(url)
    // Signals that follow within a blink are echoes of the first; these go on until one counts.
    const repeat = setInterval(() => child.kill('SIGTERM'), 50)
    expect(await call.rest()).toBe('started cut off')
    expect(await child.exited).toBe(0)
    clearInterval(repeat)
  })
})

describe('SIGINT', () => {
  test('closes the port at once and lets the call finish; its echo changes nothing', async () => {
    const { child, url } = await start(60_000, 60_000, false)
    const call = await startCall(url)
    child.kill('SIGINT')
    child.kill('SIGINT')
    const isOpen = () =>
      fetch(`${url}/readyz`, { keepalive: false }).then(
        () => true,
        () => false,
      )
    while (await isOpen());
    child.kill('SIGUSR2')
    expect(await call.rest()).toBe('started finished')
    expect(await child.exited).toBe(0)
  })
})

describe('an exception that nobody caught', () => {
  test('is told, lets the calls under way finish, and ends with 1', async () => {
    const { child, url, nextLog } = await start(60_000, 60_000, true)
    const call = await startCall(url)
    await fetch(`${url}/throw`)
    expect(await nextLog()).toContain('this is a bug')
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    child.kill('SIGUSR2')
    expect(await call.rest()).toBe('started finished')
    expect(await child.exited).toBe(1)
  })
})
