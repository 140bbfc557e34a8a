import type { DialectId, Node } from './extra.ts'
import type { Fault } from './fault.ts'
import type { JsonObject } from './json.ts'
import type { TokenLogprob } from './logprob.ts'
import type { Note } from './note.ts'
import type { Opaque } from './opaque.ts'
import type { Annotation, ItemMeta, Part } from './part.ts'
import type { Finish } from './reply.ts'
import type { Usage } from './usage.ts'

/**
 * One step of a streamed answer. `candidate` counts from 0. `part` counts the parts of a candidate from 0 in the order
 * they start; parts of one candidate may be open side by side. `item` indexes the candidate's items the same way.
 * `checkEvents` in `grammar.ts` states which sequences are answers.
 */
export type Event =
  | StartEvent
  | ItemStartEvent
  | ItemEndEvent
  | PartStartEvent
  | PartDeltaEvent
  | PartEndEvent
  | AnnotationEvent
  | ProgressEvent
  | UsageEvent
  | NoteEvent
  | FinishEvent
  | FaultEvent
  | EndEvent

/** First event, once. */
export interface StartEvent extends Node {
  readonly type: 'start'
  /** The dialect this was decoded from: its ids and raw words are good for the same dialect only. */
  readonly dialect?: DialectId
  readonly id?: string
  readonly model?: string
  readonly created?: number
  readonly serviceTier?: string
}

export interface ItemStartEvent {
  readonly type: 'item-start'
  readonly candidate: number
  readonly item: number
  readonly meta: ItemMeta
}

/** `meta` is the item as it ended; it replaces the one of its start. */
export interface ItemEndEvent {
  readonly type: 'item-end'
  readonly candidate: number
  readonly item: number
  readonly meta: ItemMeta
}

/**
 * A part opens. `open` is the part with what is known at its start and empty text: a call has its id and name here,
 * a hosted tool, a media part or an unknown part may be complete.
 */
export interface PartStartEvent {
  readonly type: 'part-start'
  readonly candidate: number
  readonly part: number
  readonly open: Part
}

/** What is appended to an open part. `text` goes to the text of text, thinking and refusal parts and to audio transcripts. */
export interface PartDeltaEvent extends Node {
  readonly type: 'part-delta'
  readonly candidate: number
  readonly part: number
  readonly text?: string
  /** Appended to a tool call's arguments. */
  readonly args?: string
  /** Appended to a thinking part's summary of this index. */
  readonly summary?: { readonly index: number; readonly text: string }
  /** Signature or encrypted state that arrived late. Replaces what the part had. */
  readonly opaque?: Opaque
  /** Base64 appended to a media part. */
  readonly data?: string
  readonly logprobs?: readonly TokenLogprob[]
}

/** A part closes. `close`, where given, holds fields that were known only at the end (its text is not repeated). */
export interface PartEndEvent {
  readonly type: 'part-end'
  readonly candidate: number
  readonly part: number
  readonly close?: Part
}

/** A citation on a part that is open or closed. */
export interface AnnotationEvent {
  readonly type: 'annotation'
  readonly candidate: number
  readonly part: number
  readonly annotation: Annotation
}

/** A step of something the provider runs, as that dialect's own wire event; the same dialect puts it back, others pass it over. */
export interface ProgressEvent {
  readonly type: 'progress'
  readonly candidate: number
  readonly item?: number
  readonly dialect: DialectId
  readonly value: JsonObject
}

/** The usage so far; the last one wins. */
export interface UsageEvent {
  readonly type: 'usage'
  readonly usage: Usage
}

export interface NoteEvent {
  readonly type: 'note'
  readonly note: Note
}

/** A candidate ended, once each. */
export interface FinishEvent {
  readonly type: 'finish'
  readonly candidate: number
  readonly finish: Finish
  readonly extra?: Node['extra']
}

/** The answer failed; nothing but notes, usage and `end` may follow, unless it names one candidate of several. */
export interface FaultEvent {
  readonly type: 'fault'
  readonly fault: Fault
  readonly candidate?: number
}

/** Last event, once: the upstream said that the answer is complete. Absent where the stream was cut. */
export interface EndEvent extends Node {
  readonly type: 'end'
  /** The tier that served the answer, where it was known only now; it replaces the one of the start. */
  readonly serviceTier?: string
}

/** Whether this event is content: after it the provider is frozen (law 6). */
export function isContent(event: Event): boolean {
  switch (event.type) {
    case 'part-start':
      return event.open.kind !== 'text' && event.open.kind !== 'thinking' && event.open.kind !== 'refusal'
    case 'part-delta':
    case 'annotation':
    case 'progress':
    case 'finish':
      return true
    case 'start':
    case 'item-start':
    case 'item-end':
    case 'part-end':
    case 'usage':
    case 'note':
    case 'fault':
    case 'end':
      return false
  }
}
