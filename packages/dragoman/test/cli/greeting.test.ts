import { describe, expect, test } from 'bun:test'
import { curlLine, type GreetingFacts, writeGreeting } from '../../src/cli/greeting.ts'
import { printable, styleFor, table } from '../../src/cli/terminal.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { kinds } from '../../src/providers/catalog.ts'

const plain = styleFor({})

function greet(input: unknown, facts: Partial<GreetingFacts> = {}): string {
  const parsed = parseConfig(input, kinds)
  if (!parsed.ok) throw new Error('the configuration of the test is wrong')
  const usual = {
    version: '1',
    url: 'http://127.0.0.1:1',
    key: 'k',
    file: undefined,
    found: [],
    unusable: [],
    kinds,
  }
  return writeGreeting({ ...usual, config: parsed.config, ...facts }, plain)
}

describe('the greeting', () => {
  test('says where each provider comes from, and how its models are called', () => {
    const text = greet(
      {
        providers: {
          ollama: { base_url: 'http://127.0.0.1:11434/v1' },
          lab: { kind: 'vllm', base_url: 'http://gpu:8000' },
        },
      },
      {
        file: '/etc/dragoman.yaml',
        found: [{ name: 'ollama', kind: 'ollama', from: 'port', baseUrl: 'http://127.0.0.1:11434/v1' }],
      },
    )
    expect(text).toMatch(/ollama +answers at http:\/\/127\.0\.0\.1:11434; models are ollama\/\.\.\./)
    expect(text).toMatch(/lab +http:\/\/gpu:8000\/v1, from the file/)
    expect(text).toContain('/etc/dragoman.yaml')
    // Somebody who has a real model needs no advice on how to get one.
    expect(text).not.toContain('A real model')
  })

  test('asks a name of the file where the built-in engine is switched off', () => {
    const text = greet({ sandbox: false, models: { 'any-*': 'ollama/x', fast: 'ollama/x' } })
    expect(text).toContain('"model":"fast"')
    expect(text).not.toContain('not an AI')
  })

  test('says who can reach it', () => {
    expect(greet({})).not.toContain('other machines')
    expect(greet({ server: { host: '0.0.0.0' } })).toContain('other machines')
  })
})

test('a key with a quote in it survives the shell', async () => {
  const line = curlLine('http://127.0.0.1:1', `it's "mine" $HOME`, 'm').replace(/^curl -N/, 'printf "%s\\n"')
  const child = Bun.spawn(['sh', '-c', line], { stdout: 'pipe' })
  expect(await new Response(child.stdout).text()).toContain(`authorization: Bearer it's "mine" $HOME\n`)
})

test('text from outside cannot steer a terminal', () => {
  expect(printable('a\u001b[2Jb\u0007\u009bc\u202ed\ttab\nline')).toBe(
    'a\\u001b[2Jb\\u0007\\u009bc\\u202ed\ttab\nline',
  )
})

test('colours are for terminals that want them', () => {
  expect(styleFor({ isTTY: true }, {}).bold('x')).toContain('\u001b[1m')
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
    expect(styleFor({ isTTY: true }, env).bold('x')).toBe('x')
  expect(styleFor({}, {}).bold('x')).toBe('x')
})

test('columns stand under each other', () => {
  expect(
    table([
      ['a', 'b'],
      ['long', 'c'],
    ]),
  ).toEqual(['a     b', 'long  c'])
})
