import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import OpenAI from 'openai'
import { buildBundle } from '../../bench/forms.ts'
import manifest from '../../package.json' with { type: 'json' }
import { Place, patience, type Running } from './process.ts'

setDefaultTimeout(patience)
const place = new Place()
afterAll(() => place.clear())

let bundled: readonly string[] = []
beforeAll(async () => {
  bundled = [process.execPath, await buildBundle(join(place.folder, 'bundle'))]
})

describe('the bundled command', () => {
  test('knows its version', async () => {
    const { out, code } = await place.run(['--version'], {}, bundled)
    expect({ out: out.trim(), code }).toEqual({ out: manifest.version, code: 0 })
  })

  test('prints the schema that the source prints', async () => {
    const [ours, theirs] = await Promise.all([
      place.run(['config', 'schema'], {}, bundled),
      place.run(['config', 'schema']),
    ])
    expect(ours).toEqual(theirs)
    expect(ours.code).toBe(0)
  })

  test('tells the problems of a file in the words of the source', async () => {
    const file = place.write('bad.yaml', 'version: 1\nserver: { port: 99999 }\nmodles: {}\n')
    const [ours, theirs] = await Promise.all([
      place.run(['config', 'validate', file], {}, bundled),
      place.run(['config', 'validate', file]),
    ])
    expect(ours).toEqual(theirs)
    expect(ours.err).toContain('65535')
  })
})

describe('the bundled server', () => {
  let running: Running
  let client: OpenAI
  beforeAll(async () => {
    const file = place.write('good.yaml', 'version: 1\n')
    running = await place.start(['--port', '0', '--config', file], { DRAGOMAN_KEY: 'dk_bundle' }, bundled)
    client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: 'dk_bundle' })
  })

  // Each reaches something that is loaded with the first request that needs it.
  test('answers with tokens counted', async () => {
    const answer = await client.chat.completions.create({
      model: 'sandbox',
      messages: [{ role: 'user', content: 'Hello' }],
    })
    expect(answer.usage?.completion_tokens).toBeGreaterThan(0)
  })

  test('stores a response and finds it again', async () => {
    const made = await client.responses.create({ model: 'sandbox', input: 'Hello' })
    const found = await client.responses.retrieve(made.id)
    expect(found.output_text).toBe(made.output_text)
  })

  test('ends when it is told to', async () => {
    running.signal('SIGTERM')
    expect(await running.exited).toBe(0)
  })
})
