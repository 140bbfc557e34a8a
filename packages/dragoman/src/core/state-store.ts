import type { JsonObject } from '../ir/json.ts'
import type { Turn } from '../ir/request.ts'

/** `ended` is for good, however it ended: the last events say that. */
export type ResponseState = 'queued' | 'in_progress' | 'ended'

/** A stored response without its events. All times are milliseconds since the epoch. */
export interface ResponseRecord {
  /** As clients know it. */
  readonly id: string
  readonly tenant: string
  readonly createdAt: number
  /** When it is forgotten; absent: never by itself. */
  readonly expiresAt?: number
  readonly state: ResponseState
  /** Owned by a job: it goes on without its client. */
  readonly background: boolean
  /** The body as it was received, without its input. What an answer repeats of the request is made from it. */
  readonly request: JsonObject
  /** The items of this request alone, as its wire has them, each with an id. */
  readonly input: readonly JsonObject[]
  /** While it is not ended: after this the process that works on it counts as dead, unless it renewed the lease. */
  readonly leaseUntil: number
  /** Where that process died: the number of the first event that somebody else wrote in its place. */
  readonly cutAt?: number
}

/** Events of a response as one row: JSON of a list, the first of which has this number. */
export interface Segment {
  readonly first: number
  readonly count: number
  readonly events: string
}

export interface ConversationRecord {
  readonly id: string
  readonly tenant: string
  readonly createdAt: number
  readonly metadata: JsonObject
}

/**
 * What was added to a conversation at once: items of its wire, and the same as a turn of the model where a model said
 * it. The turn holds what the wire has no word for; it is gone once one of the items is.
 */
export interface ConversationEntry {
  readonly items: readonly JsonObject[]
  readonly turn?: Turn
  /** The response that added it. */
  readonly response?: string
}

export interface PlacedEntry extends ConversationEntry {
  /** Rises in the order in which entries were added; not without gaps. */
  readonly position: number
}

/** Entries that go into a conversation with the end of a response, or not at all. */
export interface Addition {
  readonly conversation: string
  readonly entries: readonly ConversationEntry[]
}

/**
 * Where responses and conversations are kept. Every method rejects where the store cannot answer (locked, full, gone):
 * what was promised is then a fault, never a guess. Writes that belong together are one transaction.
 */
export interface StateStore {
  /** Whether it outlives the process. */
  readonly isLasting: boolean

  /** A new response, perhaps with its first events, perhaps ended already. */
  open(record: ResponseRecord, segment?: Segment, addition?: Addition): Promise<void>
  find(tenant: string, id: string): Promise<ResponseRecord | undefined>
  /** From `queued` to `in_progress`. False where it is not queued any more. */
  start(id: string): Promise<boolean>
  /** More events. False where the response ended or was deleted meanwhile: nothing was written. */
  append(id: string, segment: Segment): Promise<boolean>
  /** The last events and the end, once. False as for `append`. `cutAt` as in the record. */
  end(id: string, segment: Segment, more?: { addition?: Addition; cutAt?: number }): Promise<boolean>
  /** The segments that hold events from this number on, in order. */
  segments(id: string, from: number): Promise<readonly Segment[]>
  remove(tenant: string, id: string): Promise<boolean>
  /** Somebody works on these, at least until then. */
  renew(ids: readonly string[], leaseUntil: number): Promise<void>
  /** Responses that are not ended and that nobody works on at this time. */
  abandoned(now: number): Promise<readonly ResponseRecord[]>
  /** Forgets what expired; returns how many responses that were. */
  sweep(now: number): Promise<number>

  createConversation(record: ConversationRecord, entries: readonly ConversationEntry[]): Promise<void>
  findConversation(tenant: string, id: string): Promise<ConversationRecord | undefined>
  updateConversation(tenant: string, id: string, metadata: JsonObject): Promise<boolean>
  removeConversation(tenant: string, id: string): Promise<boolean>
  /** In order; none where there is no such conversation. */
  entries(conversation: string): Promise<readonly PlacedEntry[]>
  /** False where the conversation is gone. */
  addEntries(addition: Addition): Promise<boolean>
  /** Puts another entry in the place of one, or nothing. */
  replaceEntry(conversation: string, position: number, entry: ConversationEntry | undefined): Promise<void>

  close(): Promise<void>
}
