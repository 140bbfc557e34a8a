// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration are written so
import { describe, expect, test } from 'bun:test'
import { layDiscovered } from '../../src/config/discover.ts'
import { type LoadOptions, loadConfig } from '../../src/config/load.ts'
import { type ConfigProblem, writeProblem } from '../../src/config/problem.ts'
import { kinds } from '../../src/providers/catalog.ts'

const missing = (path: string): string => {
  throw Object.assign(new Error(path), { code: 'ENOENT' })
}

function load(text: string, options: Partial<LoadOptions> = {}) {
  return loadConfig(text, { env: {}, readFile: missing, kinds, ...options })
}

function configOf(text: string, options: Partial<LoadOptions> = {}) {
  const loaded = load(text, options)
  if (!loaded.ok) throw new Error(loaded.problems.map(problem => writeProblem(problem, 'x.yaml')).join('\n'))
  return loaded.config
}

function problemsOf(text: string, options: Partial<LoadOptions> = {}): readonly ConfigProblem[] {
  const loaded = load(text, options)
  return loaded.ok ? [] : loaded.problems
}

const lines = (...all: string[]) => `${all.join('\n')}\n`

describe('references', () => {
  test('a variable, a default and a file are filled in', () => {
    const { providers } = configOf(
      lines(
        'version: 1',
        'providers:',
        '  openai: { api_key: "${KEY}" }',
        '  anthropic: { api_key: "${file:secrets/key}", headers: { x-team: "team-${TEAM:-red}" } }',
      ),
      { env: { KEY: 'sk-1', TEAM: '' }, readFile: path => `from ${path}\n`.replace(' ', '-') },
    )
    expect(providers.openai?.apiKey?.reveal()).toBe('sk-1')
    expect(providers.anthropic?.apiKey?.reveal()).toBe('from-secrets/key')
    expect({ ...providers.anthropic?.headers }).toEqual({ 'x-team': 'team-red' })
  })

  test('a value cannot become structure, whatever it holds', () => {
    const evil = 'x" }\n  lab: { kind: vllm, base_url: "http://evil" }\nmodels: { a: b }\n# '
    const found = load(
      lines('version: 1', 'providers:', '  openai: { api_key: k, headers: { x-a: "${EVIL}" } }'),
      {
        env: { EVIL: evil },
      },
    )
    // It stays the text of one header, and is refused as that.
    expect(found.ok ? [] : found.problems.map(problem => problem.path)).toEqual([
      'providers.openai.headers.x-a',
    ])
  })

  test('a reference inside a filled-in value is not followed', () => {
    const { providers } = configOf(lines('version: 1', 'providers: { openai: { api_key: "${A}" } }'), {
      env: { A: '${B}', B: 'secret' },
    })
    expect(providers.openai?.apiKey?.reveal()).toBe('${B}')
  })

  test('$${ stands for itself', () => {
    const { providers } = configOf(lines('version: 1', 'providers: { openai: { api_key: "$${A}" } }'))
    expect(providers.openai?.apiKey?.reveal()).toBe('${A}')
  })

  test('a number or a boolean from outside is one where the field holds one, and a text elsewhere', () => {
    const config = configOf(
      lines(
        'version: 1',
        'server: { port: "${PORT}" }',
        'sandbox: ${ON}',
        'providers: { openai: { api_key: "${PORT}" } }',
      ),
      { env: { PORT: '8088', ON: 'false' } },
    )
    expect(config.server.port).toBe(8088)
    expect(config.sandbox).toBe(false)
    expect(config.providers.openai?.apiKey?.reveal()).toBe('8088')
  })

  test('a missing variable is named with path, line and column, once', () => {
    expect(problemsOf(lines('version: 1', 'providers:', '  openai:', '    api_key: "${NOT_THERE}"'))).toEqual(
      [
        {
          path: 'providers.openai.api_key',
          message: 'the environment variable NOT_THERE is not set.',
          hint: 'Set it, or write ${NOT_THERE:-default} to do without.',
          line: 4,
          column: 14,
        },
      ],
    )
  })

  test('a missing file and a broken reference are told', () => {
    const problems = problemsOf(
      lines(
        'version: 1',
        'providers:',
        '  openai: { api_key: "${file:/run/x}" }',
        '  anthropic: { api_key: "${A-B}" }',
        '  vllm: { api_key: "${A" }',
      ),
    )
    expect(problems.map(problem => problem.message)).toEqual([
      'the file /run/x cannot be read (ENOENT).',
      'holds a reference that cannot be read.',
      'holds a reference that is not closed.',
    ])
  })

  test('a secret put in the wrong place is not repeated: its reference stands for it', () => {
    const canary = 'canary-0123456789'
    const text = lines(
      'version: 1',
      'structured_stream: "${KEY}"',
      'providers: { lab: { kind: "${KEY}" } }',
      'models:',
      '  a: { targets: [{ provider: "${KEY}" }] }',
      '  b: "${KEY}"',
      '  c: "${LONG}"',
    )
    const problems = problemsOf(text, { env: { KEY: canary, LONG: canary.repeat(10) } })
    expect(problems.length).toBeGreaterThanOrEqual(5)
    const told = problems.map(problem => writeProblem(problem, 'x.yaml')).join('\n')
    expect(told).not.toContain('canary')
    expect(told).toContain('${KEY}')
  })
})

describe('places', () => {
  test('each problem points at its key or value, all in the order of the file', () => {
    const text = lines(
      'version: 1',
      'server:',
      '  prot: 4343',
      'providers:',
      '  openai: { api_key: k, base_url: "nope" }',
      'models:',
      '  fast:',
      '    targets:',
      '      - { provider: openai }',
      '      - { provider: opnai }',
      '  "claude-*": { targets: [] }',
    )
    expect(problemsOf(text).map(({ path, line, column }) => [path, line, column])).toEqual([
      ['server.prot', 3, 3],
      ['providers.openai.base_url', 5, 35],
      ['models.fast.targets[1].provider', 10, 21],
      ['models["claude-*"].targets', 11, 26],
    ])
  })

  test('what is not YAML says where, and does not quote the line', () => {
    const [problem] = problemsOf('version: 1\nproviders: { openai: { api_key: "sk-canary }\n')
    expect(problem?.message).toStartWith('this is not YAML')
    expect(problem?.line).toBeGreaterThanOrEqual(2)
    expect(JSON.stringify(problem)).not.toContain('canary')
  })

  test('a duplicate key is a mistake', () => {
    const [problem] = problemsOf(lines('version: 1', 'sandbox: true', 'sandbox: false'))
    expect(problem).toMatchObject({ line: 3, column: 1 })
  })

  test('a file has to say its version; an empty one says nothing', () => {
    expect(problemsOf('sandbox: true\n').map(problem => problem.path)).toEqual(['version'])
    expect(load('').ok).toBe(true)
    expect(load('# only a comment\n').ok).toBe(true)
  })
})

describe('files that are no configuration', () => {
  const files: readonly (readonly [string, string])[] = [
    ['a list', '- a\n- b\n'],
    ['a word', 'hello\n'],
    ['two documents', 'version: 1\n---\nversion: 1\n'],
    ['an unknown tag', 'version: !secret 1\n'],
    ['an alias to nothing', 'version: *a\n'],
    ['bytes', '\u0000\u0001\u0002'],
    ['one that is too large', `# ${'x'.repeat(1024 * 1024)}\n`],
    ['deep nesting', `version: 1\nmodels: ${'['.repeat(5000)}${']'.repeat(5000)}\n`],
    [
      'aliases that unfold into too much',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
        .split('')
        .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
        .join('\n')}\n`,
    ],
  ]
  for (const [name, text] of files) {
    test(`${name} is refused in a sentence`, () => {
      const problems = problemsOf(text)
      expect(problems.length).toBeGreaterThan(0)
      for (const problem of problems) expect(problem.message).not.toBe('')
    })
  }
})

describe('what the file leaves out', () => {
  test('an empty section has its defaults', () => {
    expect(configOf(lines('version: 1', 'server:', 'models:')).server.port).toBe(4343)
  })

  test('a provider with nothing but its name takes its key from the environment', () => {
    const adjust = (input: unknown) =>
      layDiscovered(
        input,
        [
          {
            name: 'openai',
            kind: 'openai',
            from: 'environment',
            variable: 'OPENAI_API_KEY',
            apiKey: 'sk-env',
          },
        ],
        kinds,
      )
    const config = configOf(lines('version: 1', 'providers:', '  openai:', 'models: { fast: openai/gpt }'), {
      adjust,
    })
    expect(config.providers.openai?.apiKey?.reveal()).toBe('sk-env')
  })
})
