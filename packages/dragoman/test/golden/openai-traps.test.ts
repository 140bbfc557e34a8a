import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { createFault } from '../../src/ir/fault.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Reply } from '../../src/ir/reply.ts'
import { decodeWire, encode, finalOf, render } from './openai-responses-driver.ts'

// The 59 numbered traps of the reference card, each with its proof or the reason why there is none. A proof is a test
// here, or the name of one that stands elsewhere: a row whose test was renamed or removed fails.

const spoken: Reply = {
  candidates: [{ index: 0, parts: [{ kind: 'text', text: 'Hi' }], finish: { reason: 'stop' } }],
}

const refused = (error: JsonObject) =>
  openaiChat.decodeError({
    status: 400,
    headers: new Headers(),
    body: JSON.stringify({ error: { type: 'invalid_request_error', ...error } }),
  })

const streamed = (events: readonly Event[]): string => {
  const encoder = openaiChat.encodeStream(render)
  return events.map(event => encoder.push(event)).join('')
}

type Proof = (() => void) | { readonly file: string; readonly name: string } | { readonly reason: string }

const at = (file: string, name: string): Proof => ({ file, name })
const responsesTraps = 'golden/openai-responses-traps.test.ts'
const inResponses = (number: string): Proof => at(responsesTraps, `'${number}:`)
const upstreams = (what: string): Proof => ({
  reason: `${what}: the upstream’s own 400, which is passed on as it is`,
})

const traps: { readonly [number: number]: Proof } = {
  1: at('golden/openai-chat-ends.test.ts', '(trap 1)'),
  2: at('golden/openai-chat-caller.test.ts', 'traps 2, 3'),
  3: at('golden/openai-chat-caller.test.ts', 'traps 2, 3'),
  4: at('golden/openai-chat-ends.test.ts', 'trap 4: the official client raises'),
  5: () => {
    const fault = refused({ code: 'unsupported_parameter', param: 'max_tokens', message: 'No.' })
    expect(fault).toMatchObject({ code: 'unsupported_parameter', param: 'max_tokens', status: 400 })
    expect(openaiChat.encodeError(fault, 'r').body).toMatchObject({ error: { param: 'max_tokens' } })
  },
  6: () => {
    const fault = refused({ code: null, param: 'temperature', message: 'Unsupported parameter: temperature' })
    expect(fault).toMatchObject({ code: 'unsupported_parameter', param: 'temperature' })
  },
  7: at('golden/openai-chat-quirks.test.ts', 'trap 7'),
  8: at('golden/history-repair.test.ts', 'an interrupted call gets its result'),
  9: inResponses('9'),
  10: at('golden/openai-chat-calls.test.ts', 'an id and a name that are repeated, emptied'),
  11: at('golden/openai-chat-calls.test.ts', 'indices from 0 without a gap'),
  12: at('golden/openai-chat-ends.test.ts', 'trap 12'),
  13: () => {
    const { choices } = openaiChat.encodeReply(spoken, render).value
    expect(choices).toMatchObject([{ message: { content: 'Hi', refusal: null } }])
    const silent = { candidates: [{ index: 0, parts: [], finish: { reason: 'stop' as const } }] }
    expect(JSON.stringify(openaiChat.encodeReply(silent, render).value)).toContain('"content":')
  },
  14: at('golden/openai-chat-chunks.test.ts', '(trap 14)'),
  15: inResponses('15'),
  16: at('resources/responses.test.ts', 'without old instructions'),
  17: inResponses('17'),
  18: inResponses('18'),
  19: inResponses('19 and 20'),
  20: inResponses('19 and 20'),
  21: at('resources/responses.test.ts', 'a stored item is put in the place of a reference'),
  22: inResponses('22'),
  23: inResponses('23'),
  24: inResponses('24'),
  25: inResponses('25'),
  26: inResponses('26'),
  27: inResponses('27'),
  28: at('golden/openai-chat-embed.test.ts', 'trap 28'),
  29: () => {
    const said = (code: string) =>
      openaiResponses.decodeError({
        status: 429,
        headers: new Headers(),
        body: JSON.stringify({ error: { code, type: code, message: 'No.' } }),
      })
    expect(said('insufficient_quota').retryable).toBe(false)
    expect(openaiResponses.encodeError(said('insufficient_quota'), 'r').headers['x-should-retry']).toBe(
      'false',
    )
    expect(said('rate_limit_exceeded').retryable).toBe(true)
  },
  30: () => {
    const { body } = openaiChat.encodeError(createFault('rate_limited', 'Slow down.'), 'r')
    expect(body).toMatchObject({ error: { type: 'requests', code: 'rate_limit_exceeded' } })
  },
  31: upstreams('options of a stream that is none'),
  32: upstreams('alternatives of probabilities that nobody asked for'),
  33: upstreams('JSON that no message speaks of'),
  34: at(
    'golden/adaptations-schema.test.ts',
    'is followed as well as the model can where strict mode does not take it',
  ),
  35: at('golden/openai-chat-translation.test.ts', '(trap 35)'),
  36: {
    reason:
      'first party says itself that such a call belongs to Responses; a caller of chat is not moved there',
  },
  37: inResponses('37 and 38'),
  38: inResponses('37 and 38'),
  39: inResponses('39'),
  40: () => {
    const asked = { id: 'r', model: 'm', service_tier: 'fast', status: 'in_progress' }
    const served = { id: 'r', status: 'completed', output: [], service_tier: 'priority' }
    const events = decodeWire(
      { type: 'response.created', response: asked },
      { type: 'response.completed', response: served },
    )
    expect(events.at(-1)).toMatchObject({ type: 'end', serviceTier: 'priority' })
    expect(finalOf(encode(events).text).service_tier).toBe('priority')
    const chunks = streamed(events)
      .split('\n\n')
      .filter(frame => frame.includes('finish_reason":"stop'))
    expect(chunks).toMatchObject([expect.stringContaining('"service_tier":"priority"')])
    expect(chunks.join('')).not.toContain('"fast"')
  },
  41: at('golden/adaptations-parameters.test.ts', 'an effort a model does not know is the nearest it does'),
  42: at('golden/openai-chat-chunks.test.ts', '(trap 42)'),
  43: at('features/completions.test.ts', 'says 16 tokens where nobody said how many'),
  44: { reason: 'images are made by routes of a later version' },
  45: at('golden/openai-chat-chunks.test.ts', '(trap 45)'),
  46: { reason: 'realtime is a wire of a later version' },
  47: {
    reason: 'chat completions are not stored here: `store` is a hint, and there is no route to ask for them',
  },
  48: inResponses('48'),
  49: () => {
    const error = { code: 'server_error', message: 'It broke.', param: null }
    const created = { type: 'response.created', response: { id: 'r', model: 'm', status: 'in_progress' } }
    const failed = { type: 'response.failed', response: { id: 'r', status: 'failed', error } }
    for (const form of [
      { type: 'error', ...error },
      { type: 'error', error: { type: 'server_error', ...error } },
    ]) {
      const faults = decodeWire(created, form, failed).filter(event => event.type === 'fault')
      expect(faults).toMatchObject([{ fault: { message: 'It broke.', upstream: { code: 'server_error' } } }])
    }
  },
  50: inResponses('50'),
  51: inResponses('51'),
  52: at('golden/openai-chat-ends.test.ts', '(trap 52)'),
  53: at('golden/openai-chat-error.test.ts', '(trap 53)'),
  54: at('golden/openai-chat-chunks.test.ts', 'fields that nobody knows survive at every level'),
  55: inResponses('55'),
  56: inResponses('56'),
  57: inResponses('57'),
  58: inResponses('58'),
  59: inResponses('59'),
}

describe('the traps of the card', () => {
  test('all have a row', () => {
    expect(Object.keys(traps).map(Number)).toEqual(Array.from({ length: 59 }, (_, index) => index + 1))
  })

  test.each(Object.entries(traps))('%s', (_, proof) => {
    if (typeof proof === 'function') return proof()
    if ('reason' in proof) return expect(proof.reason).not.toBe('')
    expect(readFileSync(`${import.meta.dir}/../${proof.file}`, 'utf8')).toContain(proof.name)
  })
})
