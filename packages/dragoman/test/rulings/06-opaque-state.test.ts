import { describe, expect, test } from 'bun:test'
import {
  answeredIds,
  answerGenai,
  answerMessages,
  type Client,
  chatClient,
  forgetfulChatClient,
  genaiClient,
  messagesClient,
  replayed,
  replayedGenai,
  responsesClient,
  said,
  saidGenai,
} from '../custody/loop.ts'
import { ask, createScene, front } from '../support/scene.ts'

// Ruling 6: opaque state through a client that cannot carry it. Tool loops on targets that sign what they think and
// refuse a history in which one byte of it is missing. That spoiled and foreign envelopes are left out with a note, and
// that old keys decrypt, is in custody/strangers.test.ts and laws/custody-keyring.test.ts.

const scene = createScene()

const forms = [
  ['whole', false],
  ['streamed', true],
] as const

const translating: readonly (readonly [string, Client])[] = [
  ['chat, the message sent back as it came', chatClient],
  ['chat, a client that drops the fields it does not know', forgetfulChatClient],
  ['Responses', responsesClient],
]

const throughMessages: readonly (readonly [string, Client, Record<string, string>])[] = [
  ...translating.map(([name, client]) => [name, client, {}] as const),
  ['generateContent', genaiClient, {}],
  ['Messages, relayed', messagesClient, {}],
  ['Messages, translated', messagesClient, { 'dragoman-mode': 'translate' }],
]

describe.each(forms)('ruling 6, %s', (_, stream) => {
  test.each(throughMessages)(
    'signed and redacted thinking comes back byte for byte by %s',
    async (_, client, headers) => {
      const upstream = scene.upstream(
        play => (request, index) =>
          answerMessages(request, index === 0 ? said : [{ type: 'text', text: 'Rain.' }], play),
      )
      const { url } = front(scene, 'messages', upstream.url, {}, { trustModeHeader: true })
      await client(url, { stream, headers })
      const [, second] = upstream.seen
      if (second === undefined) throw new Error('the loop did not come back')
      expect(replayed(second)).toEqual(said)
      expect(answeredIds(second)).toEqual(['toolu_01Paris', 'toolu_01Oslo'])
    },
  )

  test.each([...translating, ['Messages', messagesClient] as const])(
    'a signature on a call comes back on the same call by %s',
    async (_, client) => {
      const upstream = scene.upstream(
        play => (request, index) => answerGenai(request, index === 0 ? saidGenai : [{ text: 'Rain.' }], play),
      )
      const { url } = front(scene, 'gemini', upstream.url)
      await client(url, { stream })
      const [, second] = upstream.seen
      if (second === undefined) throw new Error('the loop did not come back')
      // The thought itself is not signed, and what is not signed need not come back.
      const signed = replayedGenai(second).filter(part => !JSON.stringify(part).includes('"thought":'))
      expect(signed).toEqual(saidGenai.slice(1))
      const contents = second.json.contents as { parts: { functionResponse?: { id: string } }[] }[] // the wire's own shape
      const answered = contents.flatMap(({ parts }) => parts.flatMap(part => part.functionResponse?.id ?? []))
      expect(answered).toEqual(['fn-1', 'fn-2'])
    },
  )
})

describe('ruling 6, what a client without room for state carries', () => {
  const question = { role: 'user', content: 'hi' }
  const weather = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }

  test.each(forms)('is a handle in the id of a call that every wire takes, %s', async (_, stream) => {
    const upstream = scene.upstream(play => request => answerMessages(request, said, play))
    const { url } = front(scene, 'messages', upstream.url)
    const response = await ask(url, '/v1/chat/completions', {
      model: 'a/claude-opus-4-6',
      messages: [question],
      tools: [weather],
      stream,
    })
    const text = await response.text()
    const ids = [...text.matchAll(/"id":"([^"]+)","type":"function"/g)].map(([, id]) => id)
    expect(ids).toHaveLength(2)
    for (const id of ids) expect(id).toMatch(/^dgm_[A-Za-z0-9_-]{1,36}$/)
    // The state itself is nowhere in the clear.
    for (const { signature, data } of said as readonly { signature?: string; data?: string }[])
      for (const secret of [signature, data]) if (secret !== undefined) expect(text).not.toContain(secret)
  })

  test('of another maker is never forged: a call without a signature gets the placeholder that its maker documents', async () => {
    const upstream = scene.upstream(play => request => answerGenai(request, [{ text: 'Rain.' }], play))
    const { url } = front(scene, 'gemini', upstream.url)
    const call = { id: 'call_x', type: 'function', function: { name: 'weather', arguments: '{}' } }
    const response = await ask(url, '/v1/chat/completions', {
      model: 'a/gemini-3.1-pro-preview',
      messages: [
        question,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_x', content: 'rain' },
      ],
      tools: [weather],
    })
    expect(response.status).toBe(200)
    const signatures = [...(upstream.seen[0]?.body.matchAll(/"thoughtSignature":"([^"]*)"/g) ?? [])]
    expect(signatures.map(([, signature]) => signature)).toEqual(['skip_thought_signature_validator'])
    expect(response.headers.get('dragoman-notes')).toContain('messages[1]')
  })
})
