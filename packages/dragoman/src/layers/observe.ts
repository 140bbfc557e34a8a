import type { Answer } from '../core/answer.ts'
import type { Received } from '../core/call.ts'
import type { Handler } from '../core/handler.ts'
import type { Ambient, Log } from '../core/ports.ts'
import type { Records } from '../core/records.ts'
import type { Trailer } from '../core/stream.ts'

export interface ObservePorts {
  readonly ambient: Ambient
  readonly log: Log
  readonly records: Records
}

/** Sees every call, also those that never get past the next layer, and how each ended. */
export const observe =
  ({ ambient, log, records }: ObservePorts) =>
  <C extends Received>(next: Handler<C>): Handler<C> =>
  async call => {
    const record = records.open(call)
    const close = (end: string, trailer?: Trailer) => {
      record.end = end
      record.endedAt = ambient.now()
      log('info', 'call', {
        id: call.id,
        operation: call.operation,
        dialect: call.dialect,
        model: call.model,
        end,
        milliseconds: record.endedAt - call.receivedAt,
        attempts: call.journal.attempts.length,
        notes: call.journal.notes.length,
        ...(trailer?.usage === undefined ? {} : { input: trailer.usage.input, output: trailer.usage.output }),
      })
    }
    let answer: Answer
    try {
      answer = await next(call)
    } catch (error) {
      close('internal')
      throw error
    }
    switch (answer.kind) {
      case 'whole':
        close('completed')
        break
      case 'fault':
        close(answer.fault.code)
        break
      case 'cancelled':
        close('cancelled')
        break
      case 'stream':
        void answer.stream.done.then(trailer => close(trailer.fault?.code ?? trailer.end, trailer))
        break
    }
    return answer
  }
