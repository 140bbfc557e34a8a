import { afterAll, describe, expect, test } from 'bun:test'
import { type Discovered, discoverEnvironment, layDiscovered } from '../../src/config/discover.ts'
import { discoverLocal, isEngine, LocalEngines, type ProbeFetch } from '../../src/config/discover-local.ts'
import { kinds } from '../../src/providers/catalog.ts'

describe('the environment', () => {
  test('a kind whose variable holds a key is a provider', () => {
    const { providers } = discoverEnvironment(
      { OPENAI_API_KEY: ' sk-1\n', ANTHROPIC_API_KEY: '', PATH: '/bin' },
      kinds,
    )
    expect(providers).toEqual([
      { name: 'openai', kind: 'openai', from: 'environment', variable: 'OPENAI_API_KEY', apiKey: 'sk-1' },
    ])
  })

  test('a variable that no header can carry is told by name only', () => {
    const found = discoverEnvironment({ OPENAI_API_KEY: 'sk 1' }, kinds)
    expect(found).toEqual({ providers: [], unusable: ['OPENAI_API_KEY'] })
  })
})

describe('under the file', () => {
  const key: Discovered = {
    name: 'openai',
    kind: 'openai',
    from: 'environment',
    variable: 'V',
    apiKey: 'sk-env',
  }
  const engine: Discovered = {
    name: 'ollama',
    kind: 'ollama',
    from: 'port',
    baseUrl: 'http://127.0.0.1:11434/v1',
  }
  const lay = (providers: unknown) => layDiscovered({ providers }, [key, engine], kinds)

  test('what the file does not have is added', () => {
    expect(lay({})).toEqual({
      providers: {
        openai: { kind: 'openai', api_key: 'sk-env' },
        ollama: { kind: 'ollama', base_url: 'http://127.0.0.1:11434/v1' },
      },
    })
  })

  test('an entry of the file wins', () => {
    const written = { openai: { api_key: 'sk-file' }, ollama: { base_url: 'http://other:1' } }
    expect(lay(written)).toEqual({ providers: written })
  })

  test('a key of the environment never goes to an address that the file chose, nor to another kind', () => {
    const elsewhere = { openai: { base_url: 'http://other/v1' }, ollama: {} }
    expect(lay(elsewhere)).toEqual({ providers: elsewhere })
    const other = { openai: { kind: 'vllm' }, ollama: {} }
    expect(lay(other)).toEqual({ providers: other })
  })

  test('an engine that the file already has under another name is not added twice', () => {
    const written = { openai: { api_key: 'k' }, lab: { kind: 'ollama', base_url: 'http://localhost:11434' } }
    expect(lay(written)).toEqual({ providers: written })
  })

  test('a file in any state is left to its checks', () => {
    expect(layDiscovered({ providers: 'x' }, [key], kinds)).toEqual({ providers: 'x' })
    expect(layDiscovered({ providers: { openai: 'x' } }, [key], kinds)).toEqual({
      providers: { openai: 'x' },
    })
  })
})

describe('engines on this machine', () => {
  const answers: { [path: string]: () => Response } = {
    '/text': () => new Response('Ollama is running'),
    '/huge': () => new Response(`${'x'.repeat(200_000)}Ollama is running`),
    '/json': () => Response.json({ lmstudio: true }),
    '/array': () => Response.json([{ lmstudio: true }]),
    '/header': () => new Response('{}', { status: 503, headers: { server: 'llama.cpp' } }),
    '/moved': () => new Response(null, { status: 302, headers: { location: '/text' } }),
    '/hang': () => new Response(new ReadableStream({ pull: () => new Promise<void>(() => {}) })),
  }
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: request =>
      answers[new URL(request.url).pathname]?.() ?? new Response('nothing here', { status: 404 }),
  })
  afterAll(() => server.stop(true))
  const origin = `http://127.0.0.1:${server.port}`

  const proofs: readonly (readonly [string, Parameters<typeof isEngine>[1]['proof'], boolean])[] = [
    ['/text', { type: 'text', includes: 'Ollama is running' }, true],
    ['/text', { type: 'text', includes: 'LM Studio' }, false],
    ['/huge', { type: 'text', includes: 'Ollama is running' }, false],
    ['/json', { type: 'json-field', field: 'lmstudio' }, true],
    ['/json', { type: 'json-field', field: 'lmstudio', value: 'true' }, true],
    ['/json', { type: 'json-field', field: 'lmstudio', value: 'no' }, false],
    ['/json', { type: 'json-field', field: 'toString' }, false],
    ['/array', { type: 'json-field', field: 'lmstudio' }, false],
    ['/text', { type: 'json-field', field: 'lmstudio' }, false],
    ['/header', { type: 'header', name: 'server', includes: 'llama.cpp' }, true],
    ['/moved', { type: 'text', includes: 'Ollama is running' }, false],
    ['/nowhere', { type: 'text', includes: 'nothing here' }, false],
    ['/hang', { type: 'text', includes: 'x' }, false],
  ]
  for (const [path, proof, expected] of proofs) {
    test(`${path} ${expected ? 'proves' : 'does not prove'} ${JSON.stringify(proof)}`, async () => {
      expect(await isEngine(origin, { ports: [], path, proof }, fetch)).toBe(expected)
    })
  }

  test('an engine that is not there is no error', async () => {
    const refused: ProbeFetch = () => Promise.reject(new Error('refused'))
    expect(await discoverLocal(kinds, refused)).toEqual([])
  })

  test('an engine is known by its answer and keeps its kind’s path', async () => {
    const asked: string[] = []
    const send: ProbeFetch = url => {
      asked.push(url)
      return Promise.resolve(
        url.includes(':9931/')
          ? new Response('{}', { headers: { server: 'llama.cpp' } })
          : new Response('a web page'),
      )
    }
    expect(await discoverLocal(kinds, send)).toEqual([
      { name: 'llamacpp-9931', kind: 'llamacpp', from: 'port', baseUrl: 'http://127.0.0.1:9931/v1' },
    ])
    expect(asked).toContain('http://127.0.0.1:11434/')
  })

  test('an engine that misses one scan stays, and goes with the second', async () => {
    const engine = (name: string): Discovered => ({ name, kind: name, from: 'port', baseUrl: 'http://x' })
    const scans = [[engine('a')], [engine('a'), engine('b')], [engine('a')], [engine('a')], [engine('a')]]
    const engines = new LocalEngines(() => Promise.resolve(scans.shift() ?? []))
    const seen: [boolean, string][] = []
    for (let round = 0; round < 5; round++) {
      const changed = await engines.rescan()
      seen.push([changed, engines.known.map(found => found.name).join()])
    }
    expect(seen).toEqual([
      [true, 'a'],
      [true, 'a,b'],
      [false, 'a,b'],
      [true, 'a'],
      [false, 'a'],
    ])
  })
})
