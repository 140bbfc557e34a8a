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
  // A ring: a map would be changed twice a call for a page that is seldom asked for.
  const records: CallRecord[] = []
  let next = 0
  /** The newest first: who is asked about a call most is the call itself, under way. */
  const find = (id: string): CallRecord | undefined => {
    for (let back = 1; back <= records.length; back++) {
      const record = records[(next - back + records.length) % records.length]
      if (record?.id === id) return record
    }
    return undefined
  }
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
      records[next] = record
      next = (next + 1) % keep
      return record
    },
    find,
    claim(id, tenant) {
      const record = find(id)
      if (record !== undefined) record.tenant = tenant
    },
  }
}
