// Every example runs as its first lines say, and does what it promises.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openaiFor } from './harness/clients.ts'
import { launcher, startEngine } from './harness/engine.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'
import { start } from './harness/process.ts'
import { root, scratchFolder } from './harness/scratch.ts'

const examples = join(root, 'examples')

/** What an example prints; fails where it does. */
async function run(
  command: readonly string[],
  env: { readonly [name: string]: string } = {},
): Promise<string> {
  const process = start(command, env, root)
  expect([await process.ended, process.printed()]).toEqual([0, expect.any(String)])
  return process.printed()
}

describe('with a gateway running', () => {
  let gateway: RunningGateway
  let openaiVariables: { readonly [name: string]: string }
  let anthropicVariables: { readonly [name: string]: string }

  beforeAll(async () => {
    gateway = await startGateway()
    openaiVariables = { OPENAI_BASE_URL: `${gateway.url}/v1`, OPENAI_API_KEY: gateway.key }
    anthropicVariables = { ANTHROPIC_BASE_URL: gateway.url, ANTHROPIC_API_KEY: gateway.key }
  })

  afterAll(async () => {
    await gateway?.stop()
  })

  test('openai-sdk.ts', async () => {
    const said = await run([process.execPath, join(examples, 'openai-sdk.ts')], openaiVariables)
    expect(said).toContain('3. ')
    expect(said).toContain('21 degrees')
    expect(said).toContain('hello (by sandbox/sandbox)')
  })

  test('responses-state.ts', async () => {
    const said = await run([process.execPath, join(examples, 'responses-state.ts')], openaiVariables)
    expect(said).toContain('completed 1, 2, 3, 4, 5\n')
    expect(said).toContain('1, 2, 3, 4, 5, 6, 7, 8, 9\n')
    expect(said).toContain('stands on 3 items')
    expect(said).toContain('forgotten')
  })

  test('anthropic-sdk.ts', async () => {
    const said = await run([process.execPath, join(examples, 'anthropic-sdk.ts')], anthropicVariables)
    expect(said).toContain('1, 2, 3, 4, 5')
    expect(said).toContain('calls get_weather({"city":"Paris"})')
    expect(said).toContain('21 degrees')
    expect(said).toMatch(/notes: .*cache_control/)
  })

  test('curl.sh', async () => {
    const said = await run(['sh', join(examples, 'curl.sh')], openaiVariables)
    expect(said).toContain('"object":"list"')
    expect(said).toContain('data: [DONE]')
    expect(said).toContain('"object":"response"')
    expect(said).toContain('event: message_stop')
    expect(said).toContain('"embedding":')
  })

  const python = process.env.DRAGOMAN_TEST_PYTHON
  test.skipIf(python === undefined)('python/openai_client.py', async () => {
    const said = await run([python ?? '', join(examples, 'python', 'openai_client.py')], openaiVariables)
    expect(said).toContain('1, 2, 3, 4, 5')
    expect(said).toContain('Animal(name=')
    expect(said).toContain('hello (by sandbox/sandbox)')
  })
})

describe('library-in-process.ts', () => {
  const runtimes = [['Bun', process.execPath] as const, ['Node', process.env.DRAGOMAN_TEST_NODE] as const]
  test.each(runtimes.filter(([, path]) => path !== undefined))('on %s', async (_, command = '') => {
    const said = await run([command, join(examples, 'library-in-process.ts')])
    expect(said).toContain('1, 2, 3, 4, 5')
    expect(said).toContain('hello\n')
    expect(said).toMatch(/notes: .*cache_control/)
  })
})

test.skipIf(launcher === undefined)(
  'fallback.yaml: the engine answers, and when it is gone the next target',
  async () => {
    const engine = await startEngine()
    const file = join(scratchFolder(), 'fallback.yaml')
    const text = readFileSync(join(examples, 'fallback.yaml'), 'utf8')
    expect(text).toContain('http://127.0.0.1:8080/v1')
    writeFileSync(file, text.replace('http://127.0.0.1:8080', engine.url))
    const gateway = await startGateway(file)
    try {
      const ask = async (model: string) => {
        const { data, response } = await openaiFor(gateway)
          .chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }] })
          .withResponse()
        return [response.headers.get('dragoman-target'), data.choices[0]?.message.content]
      }
      for (const model of ['assistant', 'gpt-5.5', 'claude-sonnet-5-5']) {
        expect(await ask(model)).toEqual(['lab/tiny', 'Hello from a tiny scripted model.'])
      }
      await engine.stop()
      expect(await ask('assistant')).toEqual(['sandbox/sandbox', expect.stringMatching(/\w/)])
    } finally {
      await Promise.all([gateway.stop(), engine.stop()])
    }
  },
)
