import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { eventually, Place, patience, type Running } from './process.ts'

setDefaultTimeout(patience)
const place = new Place()
afterAll(() => place.clear())

const key = 'test-key-0123456789'
const env = { DRAGOMAN_KEY: key }
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }

async function modelsOf(running: Running, presented = key): Promise<readonly string[]> {
  const response = await fetch(`${running.url}/v1/models`, {
    headers: { authorization: `Bearer ${presented}` },
  })
  const body = (await response.json()) as { data?: readonly { id: string }[] } // the list, or an error without one
  return body.data?.map(model => model.id) ?? []
}

const ask = (running: Running, body: object, signal?: AbortSignal) =>
  fetch(`${running.url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'sandbox', messages: [{ role: 'user', content: 'Hello' }], ...body }),
    ...(signal === undefined ? {} : { signal }),
  })

describe('what cannot be started is a sentence and an exit code', () => {
  test('a second one on the same port', async () => {
    const first = await place.start(['--port', '0'], env)
    const port = new URL(first.url).port
    const second = await place.run(['serve', '--port', port], env)
    expect(second.code).toBe(4)
    expect(second.err).toContain(`Port ${port} is in use`)
    expect(second.err.trim().split('\n')).toHaveLength(1)
    expect((await modelsOf(first)).length).toBeGreaterThan(0)
    first.signal('SIGTERM')
  })

  test('an address others can reach, without keys', async () => {
    place.write('open.yaml', 'version: 1\nauth: { required: false }\n')
    const { code, err } = await place.run(['--config', 'open.yaml', '--host', '0.0.0.0', '--port', '0'], env)
    expect(code).toBe(3)
    expect(err).toContain('open.yaml:2:')
    expect(err).toContain('auth.required')
  })

  test('a bad configuration, with every problem and its line', async () => {
    place.write('bad.yaml', 'version: 1\nserver:\n  prot: 1\nmodels:\n  fast: nowhere/x\n')
    const { code, err } = await place.run(['--config', 'bad.yaml', '--port', '0'], env)
    expect(code).toBe(3)
    expect(err).toContain('bad.yaml:3:3 server.prot')
    expect(err).toContain('bad.yaml:5:9 models.fast')
    expect(err).not.toContain('at ')
  })

  test('a file that is not there', async () => {
    const { code, err } = await place.run(['--config', 'nowhere.yaml'], env)
    expect(code).toBe(3)
    expect(err).toContain('nowhere.yaml')
  })

  test('an unknown command or option, with what was meant', async () => {
    const cases: readonly (readonly [string[], string])[] = [
      [['srve'], 'Did you mean "dragoman serve"'],
      [['--prot', '1'], '--port'],
      [['--port', '70000'], 'from 0 to 65535'],
      [['serve', 'extra'], 'too many arguments'],
      [['keys', 'creat'], 'create'],
      [['explain'], 'missing required argument'],
    ]
    for (const [words, says] of cases) {
      const { code, err, out } = await place.run(words, env)
      expect([words, code, out]).toEqual([words, 2, ''])
      expect(err).toContain(says)
    }
  })
})

describe('keys of callers', () => {
  test('a made key is let in, a revoked one refused soon, a wrong one at once', async () => {
    const running = await place.start(['--port', '0'], env)
    const made = await place.run(['keys', 'create', 'ci'], env)
    const theirs = made.out.trim()
    expect((await modelsOf(running, theirs)).length).toBeGreaterThan(0)
    expect(await modelsOf(running, `${theirs.slice(0, -1)}_`)).toEqual([])
    expect((await place.run(['keys', 'revoke', theirs], env)).code).toBe(0)
    await eventually(
      () => modelsOf(running, theirs),
      models => models.length === 0,
    )
    expect((await modelsOf(running)).length).toBeGreaterThan(0)
    running.signal('SIGTERM')
  })

  test('a store that cannot answer is 503, not 401; the local key still works', async () => {
    const folder = join(place.folder, 'broken')
    const made = await place.run(['keys', 'create', 'ci', '--data-dir', folder], env)
    for (const name of readdirSync(folder)) if (name.startsWith('dragoman.db')) rmSync(join(folder, name))
    writeFileSync(
      join(folder, 'dragoman.db'),
      'no database, and long enough to be taken for one. '.repeat(100),
    )
    const running = await place.start(['--port', '0', '--data-dir', folder], env)
    const theirs = { authorization: `Bearer ${made.out.trim()}` }
    expect((await fetch(`${running.url}/v1/models`, { headers: theirs })).status).toBe(503)
    expect((await fetch(`${running.url}/v1/models`, { headers })).status).toBe(200)
    expect(await running.logged('key store cannot answer')).not.toContain(made.out.trim())
    running.signal('SIGTERM')
  })

  test('without keys, on this machine, where the file says so', async () => {
    place.write('open.yaml', 'version: 1\nauth: { required: false }\n')
    const running = await place.start(['--config', 'open.yaml', '--port', '0'])
    expect(running.greeting).not.toContain('Bearer')
    expect((await fetch(`${running.url}/v1/models`)).status).toBe(200)
    running.signal('SIGTERM')
  })
})

describe('reloading', () => {
  const withAlias = (alias: string) => `version: 1\nmodels:\n  ${alias}: sandbox/sandbox\n`

  test('a changed file takes effect; a bad one changes nothing and says why; SIGHUP reads it again', async () => {
    const path = place.write('dragoman.yaml', withAlias('first'))
    const running = await place.start(['--port', '0', '--log'], env)
    expect(await modelsOf(running)).toContain('first')

    renameSync(place.write('dragoman.tmp', withAlias('second')), path)
    await running.logged('configuration reloaded')
    expect(await modelsOf(running)).toContain('second')

    place.write('dragoman.yaml', `${withAlias('third')}  broken: [\n`)
    await running.logged('the old one stays')
    expect(await modelsOf(running)).toContain('second')
    expect(running.log).toContain('not YAML')

    place.write('dragoman.yaml', `${withAlias('fourth')}requests: { keep: 5 }\n`)
    expect(await running.logged('effect with the next start')).toContain('requests.keep')
    expect(await modelsOf(running)).toContain('fourth')

    running.signal('SIGHUP')
    await eventually(
      async () => running.log.split('configuration reloaded').length,
      times => times > 3,
    )
    running.signal('SIGTERM')
    expect(await running.exited).toBe(0)
  })

  test('a call under way keeps what it began with', async () => {
    const path = place.write('live.yaml', withAlias('before'))
    const running = await place.start(['--config', 'live.yaml', '--port', '0', '--log'], env)
    const response = await ask(running, { model: 'before', stream: true })
    renameSync(place.write('live.tmp', withAlias('after')), path)
    await running.logged('configuration reloaded')
    expect(await response.text()).toEndWith('data: [DONE]\n\n')
    expect((await ask(running, { model: 'before' })).status).toBe(404)
    running.signal('SIGTERM')
  })
})

describe('stopping', () => {
  test('a stream under way ends whole, new calls are turned away, and the process ends with 0', async () => {
    const running = await place.start(['--port', '0', '--log'], env)
    // A slow stream: its end is far away when the signal comes.
    const response = await ask(running, { stream: true })
    running.signal('SIGTERM')
    await running.logged('SIGTERM')
    const ready = await fetch(`${running.url}/readyz`)
    const refused = await ask(running, {})
    expect([ready.status, refused.status]).toEqual([503, 503])
    expect(await refused.json()).toMatchObject({ error: { code: 'shutting_down' } })
    expect(await response.text()).toEndWith('data: [DONE]\n\n')
    expect(await running.exited).toBe(0)
  })
})

describe('the wire', () => {
  test('garbage is refused and the gateway lives', async () => {
    const running = await place.start(['--port', '0'], env)
    const { port } = new URL(running.url)
    const talk = (bytes: string) =>
      new Promise<string>(resolve => {
        let heard = ''
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes))
        socket.on('data', data => {
          heard += data
        })
        socket.on('close', () => resolve(heard))
        socket.on('error', () => {})
      })
    expect(await talk('\u0016\u0003\u0001 hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await talk('GET /v1/models HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await talk(`GET / HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(100_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    )
    expect((await modelsOf(running)).length).toBeGreaterThan(0)
    running.signal('SIGTERM')
  })

  test('a body over the limit is 413 in the caller’s dialect', async () => {
    place.write('small.yaml', 'version: 1\nserver: { max_body: 2kb }\n')
    const running = await place.start(['--config', 'small.yaml', '--port', '0'], env)
    const response = await ask(running, { messages: [{ role: 'user', content: 'x'.repeat(3000) }] })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } })
    running.signal('SIGTERM')
  })
})

describe('the log', () => {
  test('has one line a request with --log, and no key or prompt in it', async () => {
    const running = await place.start(['--port', '0', '--log'], env)
    await (await ask(running, { messages: [{ role: 'user', content: 'canary-prompt' }] })).text()
    await (await ask(running, { stream: true })).text()
    await (await ask(running, { model: 'nothing-of-this-name' })).text()
    await (await fetch(`${running.url}/v1/models?key=${key}`)).text()
    await (await fetch(`${running.url}/nowhere`)).text()
    running.signal('SIGTERM')
    await running.exited
    const lines = running.log
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
      .filter(line => line.message === 'request')
    expect(lines.map(line => [line.method, line.path, line.status])).toEqual([
      ['POST', '/v1/chat/completions', 200],
      ['POST', '/v1/chat/completions', 200],
      ['POST', '/v1/chat/completions', 404],
      ['GET', '/v1/models', 200],
      ['GET', '/nowhere', 404],
    ])
    expect(lines[1]).toMatchObject({ target: 'sandbox/sandbox', end: 'completed', model: 'sandbox' })
    expect(running.log).not.toContain('canary')
    expect(running.log).not.toContain(key)
  })

  test('that nobody reads any more does not end the gateway', async () => {
    const running = await place.start(['--port', '0', '--log'], env)
    await running.stopReading()
    for (let call = 0; call < 20; call++) expect((await modelsOf(running)).length).toBeGreaterThan(0)
    running.signal('SIGTERM')
    expect(await running.exited).toBe(0)
  })

  test('is silent without it', async () => {
    const running = await place.start(['--port', '0'], env)
    await (await ask(running, {})).text()
    running.signal('SIGTERM')
    await running.exited
    expect(running.log).toBe('')
  })
})

describe('the process', () => {
  test.skipIf(process.platform !== 'linux')(
    'may have more outgoing requests than the runtime’s default',
    async () => {
      const running = await place.start(['--port', '0'], env)
      expect(readFileSync(`/proc/${running.pid}/environ`, 'utf8')).toContain(
        'BUN_CONFIG_MAX_HTTP_REQUESTS=65336',
      )
      running.signal('SIGTERM')
      expect(await running.exited).toBe(0)
    },
  )
})
