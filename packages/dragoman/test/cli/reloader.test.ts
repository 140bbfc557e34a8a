import { describe, expect, test } from 'bun:test'
import { Reloader } from '../../src/cli/reloader.ts'
import type { Discovered } from '../../src/config/discover.ts'
import { parseConfig } from '../../src/config/parse.ts'
import type { ConfigInput } from '../../src/config/schema.ts'
import { kinds } from '../../src/providers/catalog.ts'

const engine: Discovered = { name: 'ollama', kind: 'ollama', from: 'port', baseUrl: 'http://127.0.0.1:1/v1' }

/** A reloader over a gateway that only remembers; the text of a file is its JSON. */
function createReloader(refuse = false) {
  const applied: ConfigInput[] = []
  const told: string[] = []
  const initial = parseConfig({}, kinds)
  if (!initial.ok) throw new Error('the empty configuration is wrong')
  const reloader = new Reloader({
    gateway: {
      reload(config) {
        if (refuse) return { ok: false, problems: [{ path: 'models', message: 'no' }] }
        applied.push(config)
        return { ok: true }
      },
    },
    log: (level, message, fields) => told.push(`${level} ${message} ${JSON.stringify(fields)}`),
    file: 'dragoman.yaml',
    text: '{}',
    config: initial.config,
    async read(text, found) {
      // A longer text takes longer, so that an order kept by chance would show.
      await new Promise(resolve => setTimeout(resolve, text.length / 10))
      const input: ConfigInput = JSON.parse(text)
      const providers = Object.fromEntries(
        found.map(({ name }) => [name, { base_url: 'http://127.0.0.1:1' }]),
      )
      const parsed = parseConfig({ ...input, providers }, kinds)
      return parsed.ok ? { ok: true, input: { ...input, providers }, config: parsed.config } : parsed
    },
  })
  return { reloader, applied, told }
}

const withAlias = (name: string) => JSON.stringify({ models: { [name]: 'sandbox/sandbox' } })

describe('a new configuration', () => {
  test('is taken in the order in which it came', async () => {
    const { reloader, applied } = createReloader()
    await Promise.all([reloader.take(withAlias('a'.repeat(200)), []), reloader.take(withAlias('b'), [])])
    expect(applied.map(config => Object.keys(config.models ?? {})[0])).toEqual(['a'.repeat(200), 'b'])
  })

  test('with problems is told with its places, and not taken', async () => {
    const { reloader, applied, told } = createReloader()
    await reloader.take(JSON.stringify({ cache: {} }), [])
    expect(applied).toEqual([])
    expect(told.join()).toMatch(
      /^warn the new configuration has problems; the old one stays.*dragoman\.yaml cache/,
    )
  })

  test('that the gateway refuses is told', async () => {
    const { reloader, told } = createReloader(true)
    await reloader.take(withAlias('a'), [])
    expect(told.join()).toContain('the gateway refused')
  })

  test('is the last good text again when engines come or go', async () => {
    const { reloader, applied } = createReloader()
    await reloader.take(withAlias('good'), [])
    await reloader.take(JSON.stringify({ cache: {} }), [])
    await reloader.rediscover([engine])
    expect(applied.at(-1)).toEqual({
      models: { good: 'sandbox/sandbox' },
      providers: { ollama: { base_url: 'http://127.0.0.1:1' } },
    })
  })

  test('with settings that are taken at the start says which', async () => {
    const { reloader, told } = createReloader()
    await reloader.take(JSON.stringify({ server: { port: 1 }, requests: { keep: 1 } }), [])
    expect(told[0]).toBe(
      'warn some settings take effect with the next start {"settings":["server.port","requests.keep"]}',
    )
  })
})
