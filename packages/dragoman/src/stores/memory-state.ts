import type {
  Addition,
  ConversationEntry,
  ConversationRecord,
  PlacedEntry,
  ResponseRecord,
  Segment,
  StateStore,
} from '../core/state-store.ts'
import type { JsonObject } from '../ir/json.ts'

/** Characters of JSON that are kept at most; the oldest responses that ended make room. */
const roomiest = 256 * 1024 * 1024

interface Kept {
  record: ResponseRecord
  readonly segments: Segment[]
  size: number
}

interface KeptConversation {
  record: ConversationRecord
  entries: PlacedEntry[]
  next: number
}

const sizeOf = (value: unknown): number => JSON.stringify(value).length

/** State that ends with the process: for the library without a data folder, and for tests. */
export class MemoryStateStore implements StateStore {
  readonly isLasting = false
  readonly #responses = new Map<string, Kept>()
  readonly #conversations = new Map<string, KeptConversation>()
  readonly #room: number
  #size = 0

  constructor(room = roomiest) {
    this.#room = room
  }

  async open(record: ResponseRecord, segment?: Segment, addition?: Addition): Promise<void> {
    const size = sizeOf(record.request) + sizeOf(record.input)
    const kept: Kept = { record, segments: [], size }
    this.#responses.set(record.id, kept)
    this.#size += size
    if (segment !== undefined) this.#write(kept, segment)
    if (addition !== undefined) this.#add(addition)
    this.#makeRoom()
  }

  async find(tenant: string, id: string): Promise<ResponseRecord | undefined> {
    const record = this.#responses.get(id)?.record
    return record?.tenant === tenant ? record : undefined
  }

  async start(id: string): Promise<boolean> {
    const kept = this.#responses.get(id)
    if (kept?.record.state !== 'queued') return false
    kept.record = { ...kept.record, state: 'in_progress' }
    return true
  }

  async append(id: string, segment: Segment): Promise<boolean> {
    const kept = this.#running(id)
    if (kept === undefined) return false
    this.#write(kept, segment)
    this.#makeRoom()
    return true
  }

  async end(
    id: string,
    segment: Segment,
    { addition, cutAt }: { addition?: Addition; cutAt?: number } = {},
  ): Promise<boolean> {
    const kept = this.#running(id)
    if (kept === undefined) return false
    this.#write(kept, segment)
    kept.record = { ...kept.record, state: 'ended', ...(cutAt === undefined ? {} : { cutAt }) }
    if (addition !== undefined) this.#add(addition)
    this.#makeRoom()
    return true
  }

  async segments(id: string, from: number): Promise<readonly Segment[]> {
    return this.#responses.get(id)?.segments.filter(({ first, count }) => first + count > from) ?? []
  }

  async remove(tenant: string, id: string): Promise<boolean> {
    if (this.#responses.get(id)?.record.tenant !== tenant) return false
    this.#forget(id)
    return true
  }

  async renew(ids: readonly string[], leaseUntil: number): Promise<void> {
    for (const id of ids) {
      const kept = this.#running(id)
      if (kept !== undefined) kept.record = { ...kept.record, leaseUntil }
    }
  }

  async abandoned(now: number): Promise<readonly ResponseRecord[]> {
    const records = [...this.#responses.values()].map(({ record }) => record)
    return records.filter(({ state, leaseUntil }) => state !== 'ended' && leaseUntil < now)
  }

  async sweep(now: number): Promise<number> {
    const expired = [...this.#responses.values()].filter(
      ({ record }) => (record.expiresAt ?? Number.POSITIVE_INFINITY) <= now,
    )
    for (const { record } of expired) this.#forget(record.id)
    return expired.length
  }

  async createConversation(record: ConversationRecord, entries: readonly ConversationEntry[]): Promise<void> {
    this.#conversations.set(record.id, { record, entries: [], next: 0 })
    this.#add({ conversation: record.id, entries })
  }

  async findConversation(tenant: string, id: string): Promise<ConversationRecord | undefined> {
    const record = this.#conversations.get(id)?.record
    return record?.tenant === tenant ? record : undefined
  }

  async updateConversation(tenant: string, id: string, metadata: JsonObject): Promise<boolean> {
    const kept = this.#conversations.get(id)
    if (kept?.record.tenant !== tenant) return false
    kept.record = { ...kept.record, metadata }
    return true
  }

  async removeConversation(tenant: string, id: string): Promise<boolean> {
    return this.#conversations.get(id)?.record.tenant === tenant && this.#conversations.delete(id)
  }

  async entries(conversation: string): Promise<readonly PlacedEntry[]> {
    return [...(this.#conversations.get(conversation)?.entries ?? [])]
  }

  async addEntries(addition: Addition): Promise<boolean> {
    return this.#add(addition)
  }

  async replaceEntry(
    conversation: string,
    position: number,
    entry: ConversationEntry | undefined,
  ): Promise<void> {
    const kept = this.#conversations.get(conversation)
    if (kept === undefined) return
    kept.entries = kept.entries.flatMap(old => {
      if (old.position !== position) return [old]
      return entry === undefined ? [] : [{ ...entry, position }]
    })
  }

  async close(): Promise<void> {}

  #running(id: string): Kept | undefined {
    const kept = this.#responses.get(id)
    return kept === undefined || kept.record.state === 'ended' ? undefined : kept
  }

  #write(kept: Kept, segment: Segment): void {
    kept.segments.push(segment)
    kept.size += segment.events.length
    this.#size += segment.events.length
  }

  #add({ conversation, entries }: Addition): boolean {
    const kept = this.#conversations.get(conversation)
    if (kept === undefined) return false
    for (const entry of entries) kept.entries.push({ ...entry, position: kept.next++ })
    return true
  }

  #forget(id: string): void {
    this.#size -= this.#responses.get(id)?.size ?? 0
    this.#responses.delete(id)
  }

  /** A map keeps the order in which its keys came: the first is the oldest. */
  #makeRoom(): void {
    for (const { record } of this.#responses.values()) {
      if (this.#size <= this.#room) return
      if (record.state === 'ended') this.#forget(record.id)
    }
  }
}
