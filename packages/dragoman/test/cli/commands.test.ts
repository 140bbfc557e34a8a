import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Place, patience } from './process.ts'

setDefaultTimeout(patience)
const place = new Place()
afterAll(() => place.clear())

const key = 'test-key-0123456789'
const env = { DRAGOMAN_KEY: key }
const dataFile = (name: string) => join(place.data, 'dragoman', name)

/** A server that answers each path with JSON. */
function serveJson(answers: { [path: string]: unknown }, wanted?: string) {
  return Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const { pathname } = new URL(request.url)
      if (wanted !== undefined && request.headers.get('authorization') !== `Bearer ${wanted}`) {
        return Response.json({ error: {} }, { status: 401 })
      }
      return pathname in answers ? Response.json(answers[pathname]) : new Response('no', { status: 404 })
    },
  })
}

describe('keys', () => {
  test('are made, listed and revoked; a key is shown once and kept nowhere', async () => {
    const made = await place.run(['keys', 'create', 'my laptop', '--tenant', 'home'])
    expect(made.code).toBe(0)
    expect(made.out).toMatch(/^dk_\w+\n$/)
    const presented = made.out.trim()
    const id = presented.split('_')[1] ?? ''
    expect(made.err).toContain(`dragoman keys revoke ${id}`)

    const listed = await place.run(['keys', 'list'])
    expect(listed.out).toContain(id)
    expect(listed.out).toMatch(/my laptop\s+home\s.*\sin use/)
    expect(listed.out + readFileSync(dataFile('dragoman.db'), 'latin1')).not.toContain(
      presented.split('_')[2] ?? '-',
    )

    expect((await place.run(['keys', 'revoke', id])).out).toContain(`Revoked ${id}`)
    expect((await place.run(['keys', 'revoke', id])).out).toContain('revoked before')
    const json = JSON.parse((await place.run(['keys', 'list', '--json'])).out)
    expect(json).toMatchObject([{ id, name: 'my laptop', tenant: 'home', revoked_at: expect.any(String) }])
  })

  test('that are not there, or named badly, are sentences', async () => {
    const unknown = await place.run(['keys', 'revoke', "'; drop table api_keys; --"])
    expect([unknown.code, unknown.out]).toEqual([1, ''])
    expect(unknown.err).toContain('There is no key')
    for (const name of ['', 'x'.repeat(101), 'two\nlines', '\u001b[31mred']) {
      expect((await place.run(['keys', 'create', name])).code).toBe(1)
    }
  })

  test('of a store that is no database are a sentence', async () => {
    const folder = join(place.folder, 'broken')
    await place.run(['key', '--data-dir', folder])
    writeFileSync(
      join(folder, 'dragoman.db'),
      'not a database at all, but long enough to be read as one'.repeat(40),
    )
    const { code, err } = await place.run(['keys', 'list', '--data-dir', folder])
    expect(code).toBe(1)
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(err).toContain(folder)
  })
})

describe('config', () => {
  test('validate tells a good file, and all problems of a bad one', async () => {
    place.write('good.yaml', 'version: 1\nmodels: { fast: sandbox/sandbox }\n')
    const good = await place.run(['config', 'validate', 'good.yaml'])
    expect([good.code, good.err]).toEqual([0, ''])
    place.write('bad.yaml', 'version: 1\nserver: { prot: 1, port: x }\n')
    const bad = await place.run(['config', 'validate', 'bad.yaml'])
    expect([bad.code, bad.out]).toEqual([3, ''])
    expect(bad.err).toContain('2 problems')
    const json = await place.run(['config', 'validate', 'bad.yaml', '--json'])
    expect(json.code).toBe(3)
    expect(JSON.parse(json.out)).toMatchObject({
      ok: false,
      problems: [{ path: 'server.prot', line: 2 }, {}],
    })
  })

  test('validate without a file says so', async () => {
    const { code, err } = await place.run(['config', 'validate'])
    expect(code).toBe(3)
    expect(err).toContain('dragoman.yaml')
  })

  test('schema comes whole through a pipe', async () => {
    const { out } = await place.run(['config', 'schema'])
    expect(JSON.parse(out)).toMatchObject({ $schema: expect.stringContaining('2020-12'), type: 'object' })
  })
})

describe('explain', () => {
  const body = JSON.stringify({ model: 'sandbox', messages: [{ role: 'user', content: 'Hello' }] })

  test('tells where a request would go, in words and in JSON', async () => {
    const file = place.write('request.json', body)
    const words = await place.run(['explain', file])
    expect([words.code, words.err]).toEqual([0, ''])
    expect(words.out).toContain('sandbox/sandbox')
    expect(words.out).toContain('would send')
    const json = JSON.parse((await place.run(['explain', file, '--path', '/v1/messages', '--json'])).out)
    expect(json).toMatchObject({ dialect: 'anthropic-messages' })
  })

  test('of a configuration that only a server can do, without opening its store', async () => {
    const config = place.write(
      'server.yaml',
      'version: 1\nstore: { url: "sqlite:" }\nmedia: { fetch: true }\n',
    )
    const file = place.write('request.json', body)
    const { code, err } = await place.run(['explain', file, '--config', config])
    expect([code, err]).toEqual([0, ''])
  })

  test('a request that would be refused ends with 1 and the reason', async () => {
    const file = place.write('refused.json', body.replace('"sandbox"', '"sandbxo"'))
    const { code, out } = await place.run(['explain', file])
    expect(code).toBe(1)
    expect(out).toContain('model_not_found')
  })

  test('what happened to a past request comes from the running gateway', async () => {
    const running = await place.start(['--port', '0'], env)
    const response = await fetch(`${running.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body,
    })
    await response.text()
    const id = response.headers.get('x-request-id') ?? ''
    const past = await place.run(['explain', id, '--url', running.url], env)
    expect(JSON.parse(past.out)).toMatchObject({ id, outcome: 'completed' })
    const never = await place.run(['explain', 'A'.repeat(24), '--url', running.url], env)
    expect(never.code).toBe(1)
    expect(never.err).toContain('No call with this id')
    running.signal('SIGTERM')
    await running.exited
    const nobody = await place.run(['explain', id, '--url', running.url], env)
    expect(nobody.code).toBe(5)
    expect(nobody.err).toContain('Nothing answers')
  })

  test('what is neither a file nor an id is a sentence', async () => {
    const { code, err } = await place.run(['explain', 'no-such.json'])
    expect(code).toBe(2)
    expect(err).toContain('no-such.json')
  })
})

describe('probe', () => {
  const list = { data: [{ id: 'small' }, { id: 'large\u001b[2J' }] }

  test('an address is asked for its models, also below /v1', async () => {
    await using server = serveJson({ '/v1/models': list })
    const { code, out } = await place.run(['probe', `http://127.0.0.1:${server.port}`])
    expect(code).toBe(0)
    expect(out).toContain('2 models: small, large\\u001b[2J')
    expect(out).toContain(`base_url: "http://127.0.0.1:${server.port}/v1"`)
  })

  test('an engine is known by its answer, whatever its port', async () => {
    await using server = serveJson({ '/models': list, '/version': { version: '0.11.0' } })
    const { out } = await place.run(['probe', `http://127.0.0.1:${server.port}`, '--json'])
    expect(JSON.parse(out)).toMatchObject({ kind: 'vllm', models: expect.arrayContaining(['small']) })
  })

  test('one that wants a key says so, and takes it', async () => {
    await using server = serveJson({ '/v1/models': list }, 'right')
    const address = `http://127.0.0.1:${server.port}/v1`
    const without = await place.run(['probe', address])
    expect([without.code, without.out.includes('--key')]).toEqual([1, true])
    expect((await place.run(['probe', address, '--key', 'wrong'])).out).toContain('refuses this key')
    expect((await place.run(['probe', address, '--key', 'right'])).code).toBe(0)
  })

  test('one where nobody is, and one that is none, are sentences', async () => {
    const server = serveJson({})
    const address = `http://127.0.0.1:${server.port}`
    await server.stop(true)
    const nobody = await place.run(['probe', address])
    expect([nobody.code, nobody.err.includes('Nothing answers')]).toEqual([5, true])
    expect((await place.run(['probe', 'gpu-box'])).code).toBe(2)
  })

  test('the surroundings are told as JSON', async () => {
    const { code, out } = await place.run(['probe', '--no-env', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ providers: expect.any(Array), unusable: [] })
  })
})

describe('doctor', () => {
  const linesOf = (out: string) => out.split('\n').filter(line => /^(ok|warn|fail) /.test(line))

  test('a machine that is well ends with 0, a line a check', async () => {
    const { code, out } = await place.run(['doctor', '--port', '0'], env)
    expect(code).toBe(0)
    expect(linesOf(out).map(line => line.slice(6, line.indexOf(':')))).toEqual(
      expect.arrayContaining(['runtime', 'data folder', 'local key', 'keys', 'configuration', 'port']),
    )
  })

  test('each thing that is not well fails with its fix', async () => {
    await place.run(['key'])
    chmodSync(dataFile('local.key'), 0o644)
    place.write('ill.yaml', 'version: 1\nserver: { prot: 1 }\n')
    const { code, out } = await place.run(['doctor', '--config', 'ill.yaml', '--json'])
    expect(code).toBe(1)
    const { ok, checks } = JSON.parse(out)
    expect(ok).toBe(false)
    const failed = checks.filter((check: { level: string }) => check.level === 'fail')
    expect(failed.map((check: { name: string }) => check.name)).toEqual(['data folder', 'configuration'])
    for (const check of failed) expect(check.fix).toBeTruthy()
    expect(out).toContain('chmod 600')
    chmodSync(dataFile('local.key'), 0o600)
  })

  test('a port is free, ours, ours with another key, or somebody else’s', async () => {
    const running = await place.start(['--port', '0'], env)
    const port = new URL(running.url).port
    expect((await place.run(['doctor', '--port', port], env)).out).toContain('takes the local key')
    const other = await place.run(['doctor', '--port', port], { DRAGOMAN_KEY: 'another-key-0123456789' })
    expect(other.code).toBe(1)
    expect(other.out).toContain('refuses the local key')
    running.signal('SIGTERM')
    await running.exited
    expect((await place.run(['doctor', '--port', port], env)).out).toContain('is free')
    const stranger = createServer(socket => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
    await new Promise<void>(resolve => stranger.listen(Number(port), '127.0.0.1', resolve))
    expect((await place.run(['doctor', '--port', port], env)).out).toContain('another program')
    stranger.close()
  })

  test('a provider that is not there fails, one that is there is ok', async () => {
    await using server = serveJson({ '/v1/models': { data: [{ id: 'small' }] } })
    const gone = serveJson({})
    const goneUrl = `http://127.0.0.1:${gone.port}/v1`
    await gone.stop(true)
    place.write(
      'two.yaml',
      `version: 1\nproviders:\n  here: { kind: vllm, base_url: "http://127.0.0.1:${server.port}" }\n  gone: { kind: vllm, base_url: "${goneUrl}" }\n`,
    )
    const { code, out } = await place.run(['doctor', '--config', 'two.yaml', '--port', '0'], env)
    expect(code).toBe(1)
    expect(linesOf(out)).toContainEqual(expect.stringMatching(/^ok.*provider here.* 1 models/))
    expect(linesOf(out)).toContainEqual(expect.stringMatching(/^fail.*provider gone/))
  })
})

describe('sandbox', () => {
  test('serves the built-in engine alone, and says that it is no AI', async () => {
    const running = await place.start(['sandbox', '--port', '0'])
    expect(running.greeting).toContain('not an AI')
    const line = running.greeting.split('\n').find(text => text.includes('curl ')) ?? ''
    const child = Bun.spawn(['sh', '-c', line], { stdout: 'pipe', stderr: 'ignore' })
    expect(await new Response(child.stdout).text()).toEndWith('data: [DONE]\n\n')
    running.signal('SIGTERM')
    expect(await running.exited).toBe(0)
  })
})

test('nothing is written into the working folder', () => {
  for (const name of ['local.key', 'pepper', 'dragoman.db', 'data']) {
    expect(existsSync(join(place.work, name))).toBe(false)
  }
})
