import { faultAnswer } from '../core/answer.ts'
import { bugFault } from '../core/bug.ts'
import type { Received } from '../core/call.ts'
import type { Handler } from '../core/handler.ts'
import type { Log } from '../core/ports.ts'

/** Makes an answer of an exception in any layer below. The journal survives it. */
export const shield =
  (log: Log) =>
  <C extends Received>(next: Handler<C>): Handler<C> =>
  async call => {
    try {
      return await next(call)
    } catch (error) {
      return faultAnswer(bugFault(error, call.id, log))
    }
  }
