import { describe, expect, test } from 'bun:test'
import { createClock } from '../support/clock.ts'
import { ask, canary, createScene, front, provider, recordOf } from '../support/scene.ts'
import { chat } from '../support/wire.ts'
import { envelope, everywhere, failing, said } from './failing.ts'

// The fault catalogue, C.2: the statuses an upstream answers with. Numbers are its rows.

const scene = createScene()

interface Mapped {
  readonly status: number
  readonly body?: Record<string, unknown>
  /** What callers of OpenAI's dialects see, and of Anthropic's. */
  readonly openai: readonly [status: number, code: string | null]
  readonly anthropic: readonly [status: number, type: string]
  readonly says?: RegExp
  /** Whether it may pass, so that a client does well to ask again. */
  readonly passes: boolean
}

const mapped: { readonly [row: string]: Mapped } = {
  '25: a refused key': {
    status: 401,
    body: { message: `bad key ${canary.provider}`, code: 'invalid_api_key' },
    openai: [502, 'upstream_auth'],
    anthropic: [502, 'api_error'],
    says: /refused .*(key|credentials)/,
    passes: false,
  },
  '25: a forbidden key': {
    status: 403,
    body: { message: `org ${canary.provider} may not` },
    openai: [502, 'upstream_auth'],
    anthropic: [502, 'api_error'],
    says: /refused .*(key|credentials)/,
    passes: false,
  },
  '26: a model that is gone': {
    status: 404,
    body: { message: 'The model `m` does not exist' },
    openai: [404, 'model_not_found'],
    anthropic: [404, 'not_found_error'],
    says: /does not exist/,
    passes: false,
  },
  '27: a bad request': {
    status: 400,
    body: { param: 'messages' },
    openai: [400, null],
    anthropic: [400, 'invalid_request_error'],
    passes: false,
  },
  '27: a large one': {
    status: 413,
    openai: [413, 'request_too_large'],
    anthropic: [413, 'request_too_large'],
    passes: false,
  },
  '27: one that makes no sense': {
    status: 422,
    openai: [422, null],
    anthropic: [422, 'invalid_request_error'],
    passes: false,
  },
  '28: a context that is too long': {
    status: 400,
    body: { code: 'context_length_exceeded' },
    openai: [400, 'context_length_exceeded'],
    anthropic: [400, 'invalid_request_error'],
    passes: false,
  },
  '20: no quota left': {
    status: 429,
    body: { type: 'insufficient_quota', code: 'insufficient_quota' },
    openai: [429, 'insufficient_quota'],
    anthropic: [402, 'billing_error'],
    passes: false,
  },
  '20: nothing paid': {
    status: 402,
    openai: [429, 'insufficient_quota'],
    anthropic: [402, 'billing_error'],
    passes: false,
  },
  '19: too many requests': {
    status: 429,
    openai: [429, 'rate_limit_exceeded'],
    anthropic: [429, 'rate_limit_error'],
    passes: true,
  },
  '29: a timeout of its own': {
    status: 408,
    openai: [504, 'upstream_timeout'],
    anthropic: [504, 'timeout_error'],
    passes: true,
  },
  '29: a conflict': {
    status: 409,
    openai: [409, 'conflict'],
    anthropic: [409, 'conflict_error'],
    passes: true,
  },
  '29: too early': {
    status: 425,
    openai: [425, null],
    anthropic: [425, 'invalid_request_error'],
    passes: true,
  },
  '23: a failure': { status: 500, openai: [500, null], anthropic: [500, 'api_error'], passes: true },
  '23: a bad gateway': { status: 502, openai: [502, null], anthropic: [502, 'api_error'], passes: true },
  '23: not ready': {
    status: 503,
    openai: [503, 'overloaded'],
    anthropic: [529, 'overloaded_error'],
    passes: true,
  },
  '23: a timeout behind it': {
    status: 504,
    openai: [504, 'upstream_timeout'],
    anthropic: [504, 'timeout_error'],
    passes: true,
  },
  '24: overloaded': {
    status: 529,
    openai: [503, 'overloaded'],
    anthropic: [529, 'overloaded_error'],
    passes: true,
  },
}

/** What official clients make of the answer: both ask again after these unless a header says otherwise. */
function wouldAskAgain(response: Response): boolean {
  const told = response.headers.get('x-should-retry')
  if (told !== null) return told === 'true'
  const { status } = response
  return status === 408 || status === 409 || status === 429 || status >= 500
}

describe.each(Object.entries(mapped))('%s', (_, row) => {
  const answer = () => Response.json(envelope(row.body ?? {}), { status: row.status })

  test.each(everywhere)('reaches a caller of %s, served by %s, streamed %p', async (path, kind, stream) => {
    const { upstream, url, response, ...complaint } = await failing(scene, [path, kind, stream], answer)
    const isAnthropic = path === '/v1/messages'
    expect([response.status, isAnthropic ? complaint.type : complaint.code]).toEqual(
      isAnthropic ? [...row.anthropic] : [...row.openai],
    )
    expect(complaint.message).toMatch(row.says ?? said)
    // Statuses that no client asks again after need no header to say so.
    if (row.passes && row.status !== 425) expect(wouldAskAgain(response)).toBe(true)
    if (!row.passes) expect(wouldAskAgain(response)).toBe(false)
    expect(upstream.seen.length).toBe(1)
    const record = await recordOf(url, response)
    expect(record.attempts).toMatchObject([{ end: 'fault', status: row.status }])
  })

  test(`is ${row.passes ? '' : 'not '}tried again by the gateway`, async () => {
    const upstream = scene.upstream(() => answer)
    const clock = createClock()
    const { url } = front(scene, 'compatible', upstream.url, { retry: { attempts: 2 } }, { ambient: clock })
    const response = await clock.until(ask(url, '/v1/chat/completions'))
    expect([response.status, upstream.seen.length]).toEqual([row.openai[0], row.passes ? 3 : 1])
    expect(response.headers.get('dragoman-attempts')).toBe(row.passes ? '3' : '1')
    expect(clock.pending).toBe(0)
  })

  test('goes to the next target, unless the request itself is to blame', async () => {
    const first = scene.upstream(() => answer)
    const second = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url } = scene.gateway({
      providers: { a: provider('compatible', first.url), b: provider('compatible', second.url) },
      models: { m: { targets: [{ provider: 'a' }, { provider: 'b' }] } },
      retry: { attempts: 0 },
    })
    const response = await ask(url, '/v1/chat/completions', { model: 'm' })
    const isOwn = row.passes || /auth|quota/.test(row.openai[1] ?? '')
    expect([response.status, second.seen.length]).toEqual(isOwn ? [200, 1] : [row.openai[0], 0])
  })
})
