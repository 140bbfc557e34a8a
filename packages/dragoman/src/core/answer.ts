import type { DialectId } from '../ir/extra.ts'
import type { Fault } from '../ir/fault.ts'
import type { Usage } from '../ir/usage.ts'
import type { Operation, Operations } from './call.ts'
import type { StreamEncoder } from './dialect.ts'
import type { EventStream, WireStream } from './stream.ts'

/** What a handler returns. */
export type Answer =
  | { readonly kind: 'whole'; readonly body: WholeBody }
  | {
      readonly kind: 'stream'
      readonly stream: WireStream | EventStream
      /** Writes the events, where the call alone does not say how; else its dialect's encoder does. */
      readonly encoder?: StreamEncoder
    }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'cancelled' }

/** A whole answer: the received bytes in the caller's dialect while nobody touched them, or a value of the model. */
export type WholeBody =
  | {
      readonly form: 'wire'
      readonly dialect: DialectId
      readonly bytes: Uint8Array
      readonly usage: Usage | undefined
    }
  | { readonly form: 'value'; readonly value: Operations[Operation]['reply'] }

export const faultAnswer = (fault: Fault): Answer => ({ kind: 'fault', fault })

export const cancelled: Answer = { kind: 'cancelled' }
