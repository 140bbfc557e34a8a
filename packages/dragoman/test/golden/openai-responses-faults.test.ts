import { describe, expect, test } from 'bun:test'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { createFault } from '../../src/ir/fault.ts'
import type { Part } from '../../src/ir/part.ts'
import {
  decodeWire,
  encode,
  finalOf,
  readPlainly,
  readWithHelper,
  typesOf,
} from './openai-responses-driver.ts'

const { writeFault } = openaiResponses

const start: Event = { type: 'start', model: 'm-2026', created: 1_700_000_001 }
const text = (part: number, words: string): Event => ({ type: 'part-delta', candidate: 0, part, text: words })
const end: Event = { type: 'end' }
const fault = createFault('upstream_disconnected', 'The upstream closed its stream.')
const begun: readonly Event[] = [
  start,
  { type: 'part-start', candidate: 0, part: 0, open: { kind: 'text', text: '' } },
  text(0, 'Hel'),
]

/**
 * What openai-node 7.57.0 makes of a failure. `response.failed` reaches both consumers and keeps what was said before,
 * but only after a `response.created`; an `error` event makes both throw, and what was said is gone.
 */
describe('a fault', () => {
  test('after the start is response.failed, and nothing follows', async () => {
    const { text: written } = encode([...begun, { type: 'fault', fault }, text(0, 'lo'), end])
    expect(typesOf(written).filter(type => !type.includes('added'))).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_text.delta',
      'response.failed',
    ])
    const failed = { code: 'server_error', message: fault.message }
    const final = await readWithHelper(written)
    expect(final).toMatchObject({ status: 'failed', error: failed, output: [{ content: [{ text: 'Hel' }] }] })
    expect(await readPlainly(written)).toEqual(typesOf(written))
  })

  test('leaves what was cut off unfinished: a call without arguments is not one with none', () => {
    const call: Part = { kind: 'tool-call', type: 'function', id: 'call_a', name: 'f', arguments: '' }
    const { text: written } = encode([
      start,
      { type: 'part-start', candidate: 0, part: 0, open: call },
      { type: 'fault', fault },
    ])
    expect(finalOf(written).output).toMatchObject([
      { type: 'function_call', arguments: '', status: 'incomplete' },
    ])
  })

  test('before the start comes after response.created, without which the helper hides it', async () => {
    const { text: written } = encode([{ type: 'fault', fault }])
    expect(typesOf(written)).toEqual(['response.created', 'response.failed'])
    expect(await readWithHelper(written)).toMatchObject({
      status: 'failed',
      error: { message: fault.message },
    })
    const alone = written.slice(written.indexOf('event: response.failed'))
    await expect(readWithHelper(alone)).rejects.toThrow("expected 'response.created' event")
  })

  test('in a relayed stream is an error event that both consumers raise', async () => {
    const frame = writeFault(fault)
    expect(frame).toStartWith('event: error\ndata: {"type":"error",')
    const thrown = expect.objectContaining({ message: fault.message, code: 'upstream_disconnected' })
    for (const before of ['', encode(begun).text]) {
      await expect(readPlainly(before + frame)).rejects.toEqual(thrown)
      await expect(readWithHelper(before + frame)).rejects.toEqual(thrown)
    }
  })

  test('comes once, also where the upstream reports it twice', () => {
    const error = { type: 'insufficient_quota', code: 'insufficient_quota', message: 'Used up.', param: null }
    const failed = {
      type: 'response.failed',
      response: { id: 'r', status: 'failed', error: { ...error }, output: [] },
    }
    for (const first of [
      { type: 'error', sequence_number: 2, error },
      { ...error, type: 'error' },
    ]) {
      const events = decodeWire({ type: 'response.created', response: { id: 'r' } }, first, failed)
      expect(events.map(event => event.type)).toEqual(['start', 'fault'])
      expect(events[1]).toMatchObject({
        fault: { code: 'quota_exhausted', message: 'Used up.', retryable: false },
      })
    }
    const alone = decodeWire({ type: 'response.created', response: { id: 'r' } }, failed)
    expect(alone[1]).toMatchObject({ type: 'fault', fault: { code: 'quota_exhausted' } })
  })
})
