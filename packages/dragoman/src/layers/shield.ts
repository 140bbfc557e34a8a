import { faultAnswer } from '../core/answer.ts'
import type { Received } from '../core/call.ts'
import type { Handler } from '../core/handler.ts'
import type { Log } from '../core/ports.ts'
import { createFault } from '../ir/fault.ts'

/** The one place where an exception, which is a bug of ours, becomes a 500. The journal survives it. */
export const shield =
  (log: Log) =>
  <C extends Received>(next: Handler<C>): Handler<C> =>
  async call => {
    try {
      return await next(call)
    } catch (error) {
      log('error', 'a bug in the gateway', {
        call: call.id,
        error: error instanceof Error ? error.stack : String(error),
      })
      return faultAnswer(
        createFault('internal', `This is a bug in the gateway, not in your request. Its id is ${call.id}.`),
      )
    }
  }
