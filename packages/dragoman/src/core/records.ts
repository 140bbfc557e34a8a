import type { Received } from './call.ts'
import type { Journal } from './journal.ts'

/** What is remembered of a call for `GET /dragoman/requests/{id}`: facts and notes, never bodies. */
export interface CallRecord {
  readonly id: string
  readonly operation: string
  readonly dialect: string
  readonly model: string
  readonly stream: boolean
  readonly receivedAt: number
  readonly journal: Journal
  /** Who may look at it: the tenant that made the call. Unknown until it was authenticated. */
  tenant: string | undefined
  end: string | undefined
  endedAt: number | undefined
}

/** The last calls, the oldest forgotten first. */
export interface Records {
  open(call: Received): CallRecord
  find(id: string): CallRecord | undefined
  /** Says whose call it is, once that is known. */
  claim(id: string, tenant: string): void
}

export function createRecords(keep: number): Records {
  const records = new Map<string, CallRecord>()
  // Ids in the order in which they will be forgotten: a ring costs less than asking the map for its oldest.
  const ids: string[] = []
  let next = 0
  return {
    open(call) {
      const record: CallRecord = {
        id: call.id,
        operation: call.operation,
        dialect: call.dialect,
        model: call.model,
        stream: call.stream,
        receivedAt: call.receivedAt,
        journal: call.journal,
        tenant: undefined,
        end: undefined,
        endedAt: undefined,
      }
      if (keep === 0) return record
      const oldest = ids[next]
      if (oldest !== undefined) records.delete(oldest)
      ids[next] = call.id
      next = (next + 1) % keep
      records.set(call.id, record)
      return record
    },
    find: id => records.get(id),
    claim(id, tenant) {
      const record = records.get(id)
      if (record !== undefined) record.tenant = tenant
    },
  }
}
