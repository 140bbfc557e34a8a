import type { Validator } from '../../core/ports.ts'
import type { EventEdit } from '../../core/stream.ts'
import type { Encoded } from '../../ir/note.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import type { Feature, ModelFacts } from '../../providers/profile.ts'
import type { UsedFeatures } from '../features.ts'

/**
 * A change to a request with its inverse on the answer. A plan holds a stack of them: requests pass it in order,
 * answers in reverse. The inverse works on events; whole answers are unfolded, restored and folded again.
 */
export interface Adaptation {
  readonly id: string
  request(request: GenerateRequest): Encoded<GenerateRequest>
  /** A fresh inverse for one answer; absent where the answer needs none. */
  restore?(): EventEdit
  /** Its inverse checks the answer against a schema: the validator has to be ready before the answer comes. */
  readonly checks?: boolean
}

/** What an adaptation may look at to decide whether it is needed. */
export interface AdaptContext {
  readonly used: UsedFeatures
  /** The target does not have this feature, by its profile or because its dialect has no word for it. */
  lacks(feature: Feature): boolean
  readonly facts: ModelFacts
  /** Why the target lacks it, for notes. */
  why(feature: Feature): string
  readonly structuredStream: 'buffer' | 'live'
  /** The caller speaks another dialect than the target. */
  readonly isCrossing: boolean
  /** Which media of another wire's caller the target's provider can read; absent: whatever they name. */
  readonly reach?: MediaReach
  /** Emulations are allowed for this field (its policy is `emulate`). */
  emulates(path: string): boolean
  readonly limits: ToolLimits
  /** Absent where no checking is possible. */
  readonly validator?: Validator | undefined
  /** The caller's dialect guarantees a schema; the target's does so only where it is told to be strict. */
  readonly mustStaySchema: boolean
}

/** Media that are named and not sent. */
export interface MediaReach {
  /** Ids of uploaded files mean the same to the caller's wire and to the target's. */
  readonly files: boolean
  /** Schemes of addresses, beside those of the web. */
  readonly schemes: readonly string[]
}

/** What names and ids of tool calls may look like on the target's wire. */
export interface ToolLimits {
  readonly name: RegExp
  readonly id: RegExp
  readonly idLength: number
}

/** Decides from a request whether it is needed. */
export type Adapter = (request: GenerateRequest, context: AdaptContext) => Adaptation | undefined
