import { describe, expect, test } from 'bun:test'
import { parseConfig } from '../../src/config/parse.ts'
import { ConfigError, type ConfigProblem, writeProblem } from '../../src/config/problem.ts'
import { kinds } from '../../src/providers/catalog.ts'

const parse = (input: unknown) => parseConfig(input, kinds)

function configOf(input: unknown) {
  const parsed = parse(input)
  if (!parsed.ok) throw new ConfigError(parsed.problems)
  return parsed.config
}

function problemsOf(input: unknown): readonly ConfigProblem[] {
  const parsed = parse(input)
  return parsed.ok ? [] : parsed.problems
}

/** All problems as sentences; most tests look for one. */
const sentences = (input: unknown) => problemsOf(input).map(problem => writeProblem(problem))

const local = { openai: { base_url: 'http://127.0.0.1:9/v1' } }

describe('what an empty configuration means', () => {
  test('every default is filled in, in milliseconds and bytes', () => {
    const config = configOf({})
    expect(config.server).toEqual({
      host: '127.0.0.1',
      port: 4343,
      maxBody: 32 * 1024 * 1024,
      keepAlive: 15_000,
      statusAfter: 10_000,
      drain: 120_000,
    })
    expect(config.timeouts).toEqual({ connect: 5000, firstToken: 60_000, idle: 60_000, total: 600_000 })
    expect(config.unsupported).toMatchObject({ default: 'emulate' })
    expect(config.retry).toEqual({ attempts: 2, maxWait: 10_000 })
    expect(config.structuredStream).toBe('buffer')
    expect(config.auth).toEqual({ required: true })
    expect(config.requests).toEqual({ keep: 1000 })
  })

  test('the embedded engine is there unless it is switched off', () => {
    expect(Object.keys(configOf({}).providers)).toEqual(['sandbox'])
    expect(Object.keys(configOf({ sandbox: false }).providers)).toEqual([])
  })

  test('names of models and providers inherit nothing', () => {
    const config = configOf({ models: { fast: 'sandbox/sandbox' } })
    expect(config.models.constructor).toBeUndefined()
    expect(Object.getPrototypeOf(config.providers)).toBeNull()
  })
})

describe('what is written comes out resolved', () => {
  test('a route lays its own timeouts and policies over the general ones', () => {
    const { models } = configOf({
      timeouts: { idle: '20s' },
      unsupported: { default: 'drop', logit_bias: 'reject' },
      models: {
        fast: {
          targets: [{ provider: 'sandbox' }],
          timeouts: { connect: '500ms' },
          unsupported: { user: 'emulate' },
        },
      },
    })
    expect(models.fast?.timeouts).toEqual({ connect: 500, firstToken: 60_000, idle: 20_000, total: 600_000 })
    expect(models.fast?.unsupported.default).toBe('drop')
    expect({ ...models.fast?.unsupported.fields }).toEqual({ logit_bias: 'reject', user: 'emulate' })
  })

  test('a text is one target, whose model may hold slashes, or another entry', () => {
    const { models } = configOf({
      models: { deep: 'sandbox/org/model:tag', fast: { targets: [{ provider: 'sandbox' }] }, quick: 'fast' },
    })
    expect(models.deep?.targets).toEqual([{ provider: 'sandbox', model: 'org/model:tag' }])
    expect(models.quick?.targets).toEqual([{ provider: 'sandbox' }])
  })

  test('Responses are kept here unless a target says otherwise', () => {
    const { models } = configOf({
      providers: { openai: { api_key: 'k' } },
      models: {
        here: { targets: [{ provider: 'openai', state: 'gateway' }] },
        there: { targets: [{ provider: 'openai', state: 'upstream' }] },
      },
    })
    expect(models.here?.targets).toEqual([{ provider: 'openai' }])
    expect(models.there?.targets).toEqual([{ provider: 'openai', state: 'upstream' }])
  })

  test('an address without a path gets the usual path of its kind, and loses its trailing slash', () => {
    const { providers } = configOf({
      providers: {
        lab: { kind: 'vllm', base_url: 'http://gpu-box:8000' },
        own: { kind: 'vllm', base_url: 'http://gpu-box:8000/engine/' },
      },
    })
    expect(providers.lab?.baseUrl).toBe('http://gpu-box:8000/v1')
    expect(providers.own?.baseUrl).toBe('http://gpu-box:8000/engine')
  })

  test('a target may name a local engine that nobody listed', () => {
    const { providers } = configOf({ models: { small: 'ollama/llama3' } })
    expect(providers.ollama).toMatchObject({ kind: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1' })
  })

  test('a key prints as dots', () => {
    const config = configOf({ providers: { openai: { api_key: 'sk-canary' } } })
    expect(JSON.stringify(config)).not.toContain('sk-canary')
    expect(config.providers.openai?.apiKey?.reveal()).toBe('sk-canary')
  })
})

/** One wrong configuration a line: the path, and what its sentence has to say. */
const wrong: readonly (readonly [name: string, input: unknown, path: string, ...says: string[]])[] = [
  ['not a section', 'hello', '', 'expected a section'],
  ['a future version', { version: 2 }, 'version', '1'],
  ['a mistyped key', { server: { prot: 1 } }, 'server.prot', 'Did you mean "port"', 'host, port'],
  ['a mistyped section', { provders: {} }, 'provders', 'Did you mean "providers"'],
  ['a wrong type', { server: { port: '80' } }, 'server.port', 'expected a number, got a text', '4343'],
  ['a port out of range', { server: { port: 70000 } }, 'server.port', 'at most 65535'],
  [
    'a duration without a unit',
    { server: { keep_alive: '3' } },
    'server.keep_alive',
    'not a duration',
    '15s',
  ],
  ['a duration out of range', { server: { keep_alive: '2m' } }, 'server.keep_alive', 'between 1s and 1m'],
  ['a port beyond what is exact', { server: { port: 1e300 } }, 'server.port', 'at most 65535'],
  ['a port that never ends', { server: { port: Number.POSITIVE_INFINITY } }, 'server.port', 'not finite'],
  ['half a port', { server: { port: 80.5 } }, 'server.port', 'a whole number'],
  ['a section from a class', { models: new Map() }, 'models', 'an object of a class'],
  ['a size that is none', { server: { max_body: 'big' } }, 'server.max_body', 'not a size', '32mb'],
  ['a store of another sort', { store: { url: 'postgres://x' } }, 'store.url', 'not a store', 'sqlite:'],
  [
    'a time to keep things that is none',
    { store: { retention: '30' } },
    'store.retention',
    'not a time',
    '30d',
  ],
  ['budgets', { budgets: {} }, 'budgets', 'this version does not implement it'],
  ['tls', { server: { tls: {} } }, 'server.tls', 'this version does not implement it'],
  [
    'weights',
    { models: { a: { targets: [{ provider: 'sandbox', weight: 3 }] } } },
    'models.a.targets[0].weight',
    'this version does not implement it',
  ],
  [
    'upstream state',
    { providers: { openai: { api_key: 'k', state: 'upstream' } } },
    'providers.openai.state',
    'this version does not implement it',
    'stands with each of the `targets`',
  ],
  [
    'upstream state where there is none',
    {
      providers: { anthropic: { api_key: 'k' } },
      models: { a: { targets: [{ provider: 'anthropic', state: 'upstream' }] } },
    },
    'models.a.targets[0].state',
    'keeps no Responses',
    'this gateway keeps them',
  ],
  [
    'upstream state of the sandbox',
    { models: { a: { targets: [{ provider: 'sandbox', state: 'upstream' }] } } },
    'models.a.targets[0].state',
    'keeps no Responses',
  ],
  [
    'state in two places',
    {
      providers: { openai: { api_key: 'k' } },
      models: { a: { targets: [{ provider: 'openai', state: 'upstream' }, { provider: 'sandbox' }] } },
    },
    'models.a.targets[1]',
    'another target of this entry says so',
    'kept in one place',
  ],
  [
    'a state that is none',
    { models: { a: { targets: [{ provider: 'sandbox', state: 'nowhere' }] } } },
    'models.a.targets[0].state',
    'upstream',
  ],
  [
    'a later strategy',
    { models: { a: { strategy: 'least-busy', targets: [{ provider: 'sandbox' }] } } },
    'models.a.strategy',
    '"least-busy" comes in a later version',
  ],
  [
    'an unknown strategy',
    { models: { a: { strategy: 'orderd', targets: [{ provider: 'sandbox' }] } } },
    'models.a.strategy',
    'Did you mean "ordered"',
  ],
  ['no targets', { models: { a: { targets: [] } } }, 'models.a.targets', 'the list is empty'],
  ['targets missing', { models: { a: {} } }, 'models.a.targets', 'is missing'],
  ['a number for a route', { models: { a: 3 } }, 'models.a', 'expected a text or a section'],
  ['a key in the place of a provider', { providers: { openai: 'sk-1' } }, 'providers.openai', 'got a text'],
  ['an unknown kind', { providers: { lab: { kind: 'vlm' } } }, 'providers.lab.kind', 'Did you mean "vllm"'],
  ['a name that is no kind', { providers: { lab: {} } }, 'providers.lab', 'has to say its kind', 'ollama'],
  [
    'an inherited kind',
    { providers: { lab: { kind: 'constructor' } } },
    'providers.lab.kind',
    'there is no kind "constructor"',
  ],
  [
    'a kind without an address',
    { providers: { lab: { kind: 'openai-compatible' } } },
    'providers.lab',
    'has no base_url',
  ],
  ['a provider without its key', { providers: { openai: {} } }, 'providers.openai', 'OPENAI_API_KEY'],
  ['a slash in a provider’s name', { providers: { 'a/b': {} } }, 'providers["a/b"]', 'not a possible name'],
  ['an empty key', { providers: { openai: { api_key: '' } } }, 'providers.openai.api_key', 'empty'],
  [
    'a key with a line break',
    { providers: { openai: { api_key: 'sk\n' } } },
    'providers.openai.api_key',
    'line break',
  ],
  [
    'another protocol',
    { providers: { openai: { base_url: 'ftp://x' } } },
    'providers.openai.base_url',
    'http',
  ],
  [
    'a password in an address',
    { providers: { openai: { base_url: 'http://user:canary@x' } } },
    'providers.openai.base_url',
    'password',
  ],
  [
    'a header of our own',
    { providers: { openai: { api_key: 'k', headers: { Host: 'x' } } } },
    'providers.openai.headers.Host',
    'the gateway writes itself',
  ],
  [
    'a header with a line break',
    { providers: { openai: { api_key: 'k', headers: { 'x-a': 'b\r\nc: d' } } } },
    'providers.openai.headers.x-a',
    'cannot carry',
  ],
  [
    'an unknown provider',
    { providers: local, models: { a: 'opnai/gpt' } },
    'models.a',
    'no provider is called "opnai"',
    'Did you mean "openai"',
  ],
  [
    'a provider that only lacks its variable',
    { models: { a: { targets: [{ provider: 'anthropic' }] } } },
    'models.a.targets[0].provider',
    'Set ANTHROPIC_API_KEY',
  ],
  [
    'a text that names nothing',
    { models: { fast: 'sandbox/x', b: 'fst' } },
    'models.b',
    'Did you mean "fast"',
  ],
  ['entries in a circle', { models: { a: 'b', b: 'c', c: 'a' } }, 'models.a', 'names itself'],
  ['an entry that is itself', { models: { a: 'a' } }, 'models.a', 'neither provider/model'],
  ['a star in a target', { models: { 'a-*': 'sandbox/a-*' } }, 'models["a-*"]', 'without a star'],
  ['two stars', { models: { 'a**': 'sandbox/x' } }, 'models["a**"]', 'two stars'],
  ['a space in a name', { models: { 'a b': 'sandbox/x' } }, 'models["a b"]', 'not a possible model name'],
  [
    'a pattern that another one hides',
    { models: { 'gpt-*': 'sandbox/x', 'gpt-4*': 'sandbox/y' } },
    'models["gpt-4*"]',
    'never matches',
  ],
  [
    'a policy for no field',
    { unsupported: { logit_bais: 'drop' } },
    'unsupported.logit_bais',
    'Did you mean "logit_bias"',
  ],
  ['an unknown policy', { unsupported: { logit_bias: 'ignore' } }, 'unsupported.logit_bias', 'emulate, drop'],
  [
    'no keys on a public address',
    { server: { host: '0.0.0.0' }, auth: { required: false } },
    'auth.required',
    'spend your keys',
  ],
]

describe('every mistake has its path, its sentence and its fix', () => {
  for (const [name, input, path, ...says] of wrong) {
    test(name, () => {
      const problem = problemsOf(input).find(found => found.path === path)
      expect(problem).toBeDefined()
      const sentence = problem === undefined ? '' : writeProblem(problem)
      for (const words of says) expect(sentence).toContain(words)
      expect(problem?.hint ?? '').not.toBe('')
    })
  }

  test('all of them are told at once, shape and references alike', () => {
    const found = problemsOf({
      server: { prot: 1 },
      budgets: {},
      models: { a: 'nowhere/x', b: { targets: [] } },
    })
    expect(found.map(problem => problem.path).sort()).toEqual([
      'budgets',
      'models.a',
      'models.b.targets',
      'server.prot',
    ])
  })

  test('no value of a secret field is repeated', () => {
    const input = {
      providers: {
        openai: {
          api_key: 'canary\u0000',
          base_url: 'http://canary:canary@x',
          headers: { 'x-a': 'canary\n' },
        },
        lab: { kind: 'vllm', api_key: ['canary'] },
      },
    }
    expect(problemsOf(input).length).toBeGreaterThanOrEqual(4)
    expect(sentences(input).join('\n')).not.toContain('canary')
  })

  test('input of any shape is answered, never thrown at', () => {
    for (const input of [
      null,
      undefined,
      1,
      [],
      { models: [] },
      { providers: null },
      { models: { a: null } },
      { server: [] },
    ]) {
      expect(parse(input).ok).toBe(false)
    }
  })
})
