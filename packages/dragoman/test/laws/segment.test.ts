import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Event } from '../../src/ir/event.ts'
import { packEvents, unpackEvents } from '../../src/resources/responses/segment.ts'

const delta: fc.Arbitrary<Event> = fc.record(
  {
    type: fc.constant('part-delta' as const),
    candidate: fc.nat({ max: 1 }),
    part: fc.nat({ max: 2 }),
    text: fc.string(),
    args: fc.string(),
    opaque: fc.record({ form: fc.constant('signature' as const), data: fc.string() }),
  },
  { requiredKeys: ['type', 'candidate', 'part'] },
)
const other = fc.constantFrom<Event>(
  { type: 'start', id: 'x' },
  { type: 'part-start', candidate: 0, part: 0, open: { kind: 'text', text: '' } },
  { type: 'part-end', candidate: 0, part: 0 },
  { type: 'end' },
)

test('what a row takes it gives back, event by event', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: delta }, other)), fc.nat(), (events, first) => {
      const segment = packEvents(first, events)
      expect([segment.first, segment.count]).toEqual([first, events.length])
      expect(unpackEvents(segment)).toEqual(events)
    }),
    { numRuns: 200 },
  )
})

test('text that flows takes little more room than itself', () => {
  const events = Array.from(
    { length: 100 },
    (): Event => ({ type: 'part-delta', candidate: 0, part: 0, text: 'word ' }),
  )
  expect(packEvents(0, events).events.length).toBeLessThan(100 * 9)
})
