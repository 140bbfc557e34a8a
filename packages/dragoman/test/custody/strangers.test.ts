import { describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCustody } from '../../src/cli/custody.ts'
import type { KeyVerifier } from '../../src/core/ports.ts'
import { createMemoryHandles } from '../../src/custody/memory-handles.ts'
import type { GatewayPorts } from '../../src/gateway.ts'
import { custodyFile } from '../../src/stores/data-folder.ts'
import { ask, createScene, provider } from '../support/scene.ts'
import { chat, messages } from '../support/wire.ts'
import { answerMessages, type Block, replayed, said } from './loop.ts'

// State that is not what it claims to be, or would go where it does not belong: left out with a note, never passed on,
// and never an error.

const scene = createScene()

const plain: readonly Block[] = [{ type: 'text', text: 'Rain.' }]
const withoutThoughts = said.filter(({ type }) => !type.includes('thinking'))

const keys: KeyVerifier = {
  verify: key => ({ kind: 'known', principal: { id: key, name: key, tenant: key } }),
}

const user = { role: 'user', content: 'hi' }
const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }]
const claude = 'a/claude-opus-4-6'

/** A provider that signs thoughts: in its first answer it thinks and calls. */
const signingUpstream = () =>
  scene.upstream(play => (request, index) => answerMessages(request, index === 0 ? said : plain, play))

type Upstream = ReturnType<typeof signingUpstream>

/** A gateway in front of two accounts of that provider, and of one of another kind. */
function open(signing: Upstream, ports: GatewayPorts = {}) {
  const other = scene.upstream(() => () => Response.json(chat.whole('Hello')))
  const { url } = scene.gateway(
    {
      providers: {
        a: provider('messages', signing.url),
        b: { ...provider('messages', signing.url), api_key: 'of-another-account' },
        c: provider('chat', other.url),
      },
      retry: { attempts: 0 },
    },
    { keys, trustModeHeader: true, ...ports },
  )
  return { other, url }
}

interface Message {
  readonly content: string | null
  readonly reasoning_details: readonly { readonly type: string; readonly data: string }[]
  readonly tool_calls: readonly { readonly id: string }[]
}

const as = (key: string) => ({ authorization: `Bearer ${key}` })

/** The first turn of a chat caller. */
async function firstTurn(url: string, key = 'one'): Promise<Message> {
  const response = await ask(url, '/v1/chat/completions', { model: claude, messages: [user], tools }, as(key))
  const { choices } = (await response.json()) as { choices: [{ message: Message }] } // the wire's own shape
  return choices[0].message
}

/** Sends that turn back with its results; what the gateway noted. */
async function secondTurn(url: string, message: Partial<Message>, model = claude, key = 'one') {
  const history = [
    user,
    { role: 'assistant', ...message },
    ...(message.tool_calls ?? []).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'rain' })),
  ]
  const response = await ask(url, '/v1/chat/completions', { model, messages: history, tools }, as(key))
  const notes = response.headers.get('dragoman-notes') ?? ''
  return { status: response.status, notes, mode: response.headers.get('dragoman-mode') }
}

const forget = ({ content, tool_calls }: Message) => ({ content, tool_calls })

const withEnvelope = (message: Message, change: (data: string) => string): Message => ({
  ...message,
  reasoning_details: message.reasoning_details.map(piece => ({ ...piece, data: change(piece.data) })),
})

/** One character of the sealed part. */
const spoil = (data: string) => {
  const at = Math.floor(data.length / 2)
  return data.slice(0, at) + (data[at] === 'A' ? 'B' : 'A') + data.slice(at + 1)
}

const lastOf = (signing: Upstream) => {
  const last = signing.seen.at(-1)
  if (last === undefined) throw new Error('nothing was sent')
  return last
}

describe('state goes back', () => {
  test('by its envelope alone, through another gateway of the same secret', async () => {
    const signing = signingUpstream()
    const custody = { secrets: [new Uint8Array(32).fill(5)] }
    const message = await firstTurn(open(signing, { custody }).url)
    const { notes } = await secondTurn(open(signing, { custody }).url, message)
    expect(replayed(lastOf(signing))).toEqual(said)
    expect(notes).not.toContain('left out')
  })

  test('by its handle alone, through another gateway of the same secret and store', async () => {
    const signing = signingUpstream()
    const custody = { secrets: [new Uint8Array(32).fill(5)], handles: createMemoryHandles(Date.now) }
    const message = await firstTurn(open(signing, { custody }).url)
    await secondTurn(open(signing, { custody }).url, forget(message))
    expect(replayed(lastOf(signing))).toEqual(said)
  })

  test('after a restart from the same data folder, also with a new key above the old one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dragoman-custody-'))
    const start = () => openCustody(folder, () => {})
    try {
      const signing = signingUpstream()
      const first = start()
      const message = await firstTurn(open(signing, { custody: first.ports }).url)
      await first.close()
      writeFileSync(custodyFile(folder), `${'ab'.repeat(32)}\n${readFileSync(custodyFile(folder), 'utf8')}`)
      const second = start()
      const { url } = open(signing, { custody: second.ports })
      for (const sent of [message, forget(message)]) {
        await secondTurn(url, sent)
        expect(replayed(lastOf(signing))).toEqual(said)
      }
      await second.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('through a gateway on another machine that was given the same secrets', async () => {
    const folders = ['one', 'other'].map(name => mkdtempSync(join(tmpdir(), `dragoman-custody-${name}-`)))
    const before = process.env.DRAGOMAN_CUSTODY_KEYS
    try {
      process.env.DRAGOMAN_CUSTODY_KEYS = 'ef'.repeat(32)
      const [one, other] = folders.map(folder => openCustody(folder, () => {}))
      if (one === undefined || other === undefined) throw new Error('two folders were made')
      const signing = signingUpstream()
      const message = await firstTurn(open(signing, { custody: one.ports }).url)
      await secondTurn(open(signing, { custody: other.ports }).url, message)
      expect(replayed(lastOf(signing))).toEqual(said)
      await Promise.all([one.close(), other.close()])
      process.env.DRAGOMAN_CUSTODY_KEYS = 'nonsense'
      expect(() => openCustody(folders[0] ?? '', () => {})).toThrow('DRAGOMAN_CUSTODY_KEYS is damaged')
    } finally {
      if (before === undefined) delete process.env.DRAGOMAN_CUSTODY_KEYS
      else process.env.DRAGOMAN_CUSTODY_KEYS = before
      for (const folder of folders) rmSync(folder, { recursive: true })
    }
  })

  test('by its handle where the envelope was spoiled', async () => {
    const signing = signingUpstream()
    const { url } = open(signing)
    await secondTurn(url, withEnvelope(await firstTurn(url), spoil))
    expect(replayed(lastOf(signing))).toEqual(said)
  })
})

describe('state is left out with a note', () => {
  /** What is said without it: the same words and calls, and the ids that the caller knows. */
  const expectWithout = (signing: Upstream) => {
    const blocks = replayed(lastOf(signing)) as readonly Block[] // a list, because it has calls
    expect(blocks.map(({ type }) => type)).toEqual(withoutThoughts.map(({ type }) => type))
    expect(lastOf(signing).body).not.toContain('dragoman')
    for (const { data, signature } of said) {
      if (data !== undefined) expect(lastOf(signing).body).not.toContain(String(data))
      if (signature !== undefined) expect(lastOf(signing).body).not.toContain(String(signature))
    }
  }

  test.each([
    ['in an envelope', (message: Message) => message, /path="messages\[1\]".*was not sealed/],
    ['under a handle', forget, /path="messages\[1\]".*no longer kept/],
  ] as const)('where it is another tenant’s, %s', async (_, keep, note) => {
    const signing = signingUpstream()
    const { url } = open(signing)
    const message = await firstTurn(url, 'one')
    const second = await secondTurn(url, keep(message), claude, 'two')
    expect(second.status).toBe(200)
    expect(second.notes).toMatch(note)
    expectWithout(signing)
  })

  test.each([
    ['was changed', spoil],
    ['was cut', (data: string) => data.slice(0, -5)],
    ['was made up', () => `dragoman${'A'.repeat(120)}`],
    ['is only its mark', () => 'dragoman'],
    ['was sealed with a key that is gone', (data: string) => data],
  ] as const)('where it %s', async (how, change) => {
    const signing = signingUpstream()
    const message = await firstTurn(open(signing).url)
    // A gateway with another secret and another store.
    const { status, notes } = await secondTurn(open(signing).url, withEnvelope(message, change))
    expect([how, status]).toEqual([how, 200])
    expect(notes).toContain('was not sealed by this gateway for you')
    expectWithout(signing)
  })

  test.each([
    ['another account', 'b/claude-opus-4-6'],
    ['another model', 'a/some-other-model'],
  ])('where it would go to %s', async (_, model) => {
    const signing = signingUpstream()
    const { url } = open(signing)
    const { status, notes } = await secondTurn(url, await firstTurn(url), model)
    expect(status).toBe(200)
    expect(notes).toContain('belongs to another provider, account or model')
    expectWithout(signing)
  })

  test('where it would be relayed to somebody who cannot read it', async () => {
    const signing = signingUpstream()
    const { url, other } = open(signing)
    const { status, notes, mode } = await secondTurn(url, await firstTurn(url), 'c/gpt-4o')
    expect([status, mode]).toEqual([200, 'translate'])
    expect(notes).toContain('belongs to another provider, account or model')
    const sent = other.seen[0]?.body ?? ''
    expect(sent).not.toContain('reasoning')
    expect(sent).not.toContain('dragoman')
  })

  test('and refused instead for a caller who wants nothing changed', async () => {
    const signing = signingUpstream()
    const { url } = open(signing)
    const message = await firstTurn(url)
    const history = [user, { role: 'assistant', ...message }, user]
    const response = await ask(
      url,
      '/v1/chat/completions',
      { model: 'b/claude-opus-4-6', messages: history, tools },
      { ...as('one'), 'dragoman-policy': 'reject' },
    )
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('messages[1]')
  })
})

describe('a store that cannot answer', () => {
  const broken = {
    put: () => Promise.reject(new Error('disk full')),
    get: () => Promise.reject(new Error('gone')),
  }

  test('costs a client without envelopes its state, with a note, and nobody an error', async () => {
    const signing = signingUpstream()
    const lines: string[] = []
    const { url } = open(signing, {
      custody: { handles: broken },
      log: (_, message) => lines.push(message),
    })
    const message = await firstTurn(url)
    const { status, notes } = await secondTurn(url, forget(message))
    expect([status, notes.includes('no longer kept')]).toEqual([200, true])
    expect(lines).toContain('opaque state could not be stored')
    expect(lines).toContain('opaque state could not be read')
    // The envelope needs no store.
    await secondTurn(url, message)
    expect(replayed(lastOf(signing))).toEqual(said)
  })
})

test('what has no state is relayed as before', async () => {
  const upstream = scene.upstream(() => () => Response.json(messages.whole('Hello')))
  const { url } = open(upstream)
  const response = await ask(url, '/v1/messages', { model: claude }, as('one'))
  expect(response.headers.get('dragoman-mode')).toBe('relay')
})
