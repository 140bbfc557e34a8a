import type { DialectId } from '../ir/extra.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import type { Handler } from './handler.ts'

/** Keeps what a dialect's clients expect to be kept between calls. */
export interface StateKeeper {
  /** The dialect whose calls it looks at. */
  readonly dialect: DialectId
  /** Answers a call with what is stored put before it, and stores what has to be stored. */
  handle(call: Call, next: Handler<Call>): Promise<Answer>
}
