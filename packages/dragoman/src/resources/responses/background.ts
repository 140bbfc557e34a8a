import { bugFault } from '../../core/bug.ts'
import type { Call } from '../../core/call.ts'
import type { Handler } from '../../core/handler.ts'
import type { ResponseRecord } from '../../core/state-store.ts'
import type { EventStream } from '../../core/stream.ts'
import type { Event } from '../../ir/event.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { Reply } from '../../ir/reply.ts'
import { unfold } from '../../ir/unfold.ts'
import { eventsOfEnding, isLast } from './endings.ts'
import type { Recorder } from './recorder.ts'
import type { Shelf } from './shelf.ts'

/** Does the call of a background response and stores what comes of it. Never rejects. */
export async function work(
  shelf: Shelf,
  record: ResponseRecord,
  call: Call,
  next: Handler<Call>,
  signal: AbortSignal,
): Promise<void> {
  const { store, ambient, log } = shelf.ports
  const recorder = shelf.recordInto(store, record.id)
  let last: readonly Event[]
  try {
    // What was deleted or ended before it began is not begun.
    const isWanted = !signal.aborted && (await store.start(record.id))
    const job = { ...call, owner: signal, receivedAt: ambient.now() }
    last = isWanted ? await run(shelf, record, recorder, job, next) : ended(shelf, record, signal)
  } catch (error) {
    last = failed(bugFault(error, call.id, log))
  }
  await shelf.end(record, recorder, last)
}

const failed = (fault: Fault): readonly Event[] => [{ type: 'start' }, { type: 'fault', fault }]

/** The end of a response that was not left to end by itself. */
function ended(shelf: Shelf, record: ResponseRecord, signal: AbortSignal): readonly Event[] {
  const ending = signal.reason === 'asked' ? 'cancelled' : 'interrupted'
  return eventsOfEnding(ending, record.background, shelf.ports.dialect.id)
}

/** Records the answer but for its last events, which it returns. */
async function run(
  shelf: Shelf,
  record: ResponseRecord,
  recorder: Recorder,
  call: Call,
  next: Handler<Call>,
): Promise<readonly Event[]> {
  const answer = await next(call)
  switch (answer.kind) {
    case 'fault':
      return failed(answer.fault)
    case 'cancelled':
      return [{ type: 'start' }, ...ended(shelf, record, call.owner)]
    case 'whole':
      if (answer.body.form === 'value') return unfold(answer.body.value as Reply) // the operation is generate
      return failed(createFault('internal', 'An answer that has to be stored came as bytes.'))
    case 'stream':
      if (answer.stream.form === 'events') {
        return (await readInto(recorder, answer.stream)) ?? ended(shelf, record, call.owner)
      }
      answer.stream.dispose('discarded')
      return failed(createFault('internal', 'A stream that has to be stored came as bytes.'))
  }
}

/** Reads a stream into the store. Gives its last events; undefined where it was ended from outside. */
async function readInto(recorder: Recorder, stream: EventStream): Promise<readonly Event[] | undefined> {
  for (;;) {
    const batch = await stream.pull()
    if (batch === null) return undefined
    if (batch.some(isLast)) return batch
    recorder.push(batch)
    const kept = recorder.isFull ? await recorder.flush() : recorder.outcome
    if (kept === 'kept') continue
    // Deleted, or lost: nobody will ever read the rest.
    stream.dispose('discarded')
    return undefined
  }
}
