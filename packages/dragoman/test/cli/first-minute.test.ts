import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import manifest from '../../../../package.json' with { type: 'json' }
import { npmStart, Place, patience, type Running } from './process.ts'

setDefaultTimeout(patience)
const place = new Place()
afterAll(() => place.clear())

/** What a shell makes of a line. */
async function shell(line: string) {
  const child = Bun.spawn(['sh', '-c', line], { stdout: 'pipe', stderr: 'ignore' })
  return { out: await new Response(child.stdout).text(), code: await child.exited }
}

const lineWith = (running: Running, text: string) =>
  running.greeting
    .split('\n')
    .find(line => line.includes(text))
    ?.trim() ?? ''

/** The values that a line of the greeting gives to variables. */
const variables = (line: string) => Object.fromEntries(line.split(' ').map(pair => pair.split('=', 2)))

describe('npm start, with nothing configured', () => {
  test('is what the tests start', () => {
    expect(manifest.scripts.start).toBe('node scripts/bun.mjs packages/dragoman/src/cli/main.ts')
  })

  test('prints a curl line that, pasted, answers and streams', async () => {
    const running = await place.start(['--port', '0'], {}, npmStart)
    const { out, code } = await shell(lineWith(running, 'curl '))
    expect(code).toBe(0)
    const frames = out.split('\n\n').filter(frame => frame.startsWith('data: '))
    expect(frames.length).toBeGreaterThan(5)
    expect(frames.at(-1)).toBe('data: [DONE]')
    const words = frames
      .slice(0, -1)
      .map(frame => JSON.parse(frame.slice('data: '.length)).choices[0]?.delta.content ?? '')
      .join('')
    expect(words).toMatch(/\bAI\b/)
    running.signal('SIGTERM')
    expect(await running.exited).toBe(0)
  })

  test('prints what points the official SDKs here, and they work', async () => {
    const running = await place.start(['--port', '0'])
    const openai = variables(lineWith(running, 'OPENAI_BASE_URL'))
    const chat = await new OpenAI({
      baseURL: openai.OPENAI_BASE_URL,
      apiKey: openai.OPENAI_API_KEY,
    }).chat.completions.create({ model: 'sandbox', messages: [{ role: 'user', content: 'Hello' }] })
    expect(chat.choices[0]?.message.content).toMatch(/\bAI\b/)
    const anthropic = variables(lineWith(running, 'ANTHROPIC_BASE_URL'))
    const message = await new Anthropic({
      baseURL: anthropic.ANTHROPIC_BASE_URL,
      apiKey: anthropic.ANTHROPIC_API_KEY,
    }).messages.create({ model: 'sandbox', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] })
    expect(message.content[0]?.type).toBe('text')
    const google = variables(lineWith(running, 'GOOGLE_GEMINI_BASE_URL'))
    const generated = await fetch(
      `${google.GOOGLE_GEMINI_BASE_URL}/v1beta/models/sandbox:generateContent?key=${google.GEMINI_API_KEY}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}',
      },
    )
    expect(await generated.json()).toMatchObject({ candidates: [{ finishReason: 'STOP' }] })
    running.signal('SIGINT')
    expect(await running.exited).toBe(0)
  })

  test('says that the built-in engine is no AI, and how to get a real model', async () => {
    const running = await place.start(['--port', '0'])
    expect(lineWith(running, 'built in')).toContain('not an AI')
    expect(running.greeting).toContain('A real model: set ')
    expect(running.greeting).not.toContain('\u001b')
    running.signal('SIGTERM')
  })

  test('names providers of the environment, and takes none with --no-env', async () => {
    const env = { OPENAI_API_KEY: 'sk-canary-1', ANTHROPIC_API_KEY: 'not a key' }
    const running = await place.start(['--port', '0'], env)
    expect(lineWith(running, 'OPENAI_API_KEY;')).toStartWith('openai')
    expect(running.greeting).toContain('ANTHROPIC_API_KEY is set, but')
    expect(running.greeting + running.log).not.toContain('canary')
    running.signal('SIGTERM')
    const without = await place.start(['--port', '0', '--no-env'], env)
    expect(without.greeting).not.toMatch(/key from/)
    without.signal('SIGTERM')
  })
})

describe('the local key', () => {
  test('is the one "dragoman key" prints, kept in the data folder for its owner alone', async () => {
    const running = await place.start(['--port', '0'])
    const { out, err } = await place.run(['key'])
    expect(out).toMatch(/^dk_[A-Za-z0-9_]{50,}\n$/)
    expect(err).toBe('')
    expect(lineWith(running, 'curl ')).toContain(`Bearer ${out.trim()}'`)
    const file = join(place.data, 'dragoman', 'local.key')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    running.signal('SIGTERM')
  })

  test('is DRAGOMAN_KEY where that is set, also in a shell', async () => {
    const running = await place.start(['--port', '0'], { DRAGOMAN_KEY: "it's-mine" })
    const { out } = await shell(`${lineWith(running, 'curl ')} -o /dev/null -w '%{http_code}'`)
    expect(out).toBe('200')
    expect((await fetch(`${running.url}/v1/models`, { headers: { 'x-api-key': 'other' } })).status).toBe(401)
    running.signal('SIGTERM')
    expect((await place.run(['key'], { DRAGOMAN_KEY: 'a b' })).err).toContain('DRAGOMAN_KEY')
  })
})
