import type { CallRecord } from '../core/records.ts'
import type { JsonObject } from '../ir/json.ts'

const iso = (milliseconds: number) => new Date(milliseconds).toISOString()

/** What happened to a call: every attempt with how it ended, every note. No bodies, no prompts, no keys. */
export function describeRecord(record: CallRecord): JsonObject {
  return {
    id: record.id,
    object: 'dragoman.request',
    operation: record.operation,
    dialect: record.dialect,
    model: record.model,
    stream: record.stream,
    received_at: iso(record.receivedAt),
    ended_at: record.endedAt === undefined ? null : iso(record.endedAt),
    outcome: record.end ?? 'in_progress',
    attempts: record.journal.attempts.map(({ facts, outcome }) => ({
      target: `${facts.provider}/${facts.model}`,
      mode: facts.mode,
      reason: facts.reason,
      ...(facts.leg === undefined ? {} : { leg: facts.leg }),
      started_at: iso(facts.startedAt),
      ended_at: outcome === undefined ? null : iso(outcome.endedAt),
      end: outcome?.end ?? null,
      status: outcome?.status ?? null,
      fault: outcome?.fault ?? null,
      first_content_ms:
        outcome?.firstContentAt === undefined ? null : outcome.firstContentAt - facts.startedAt,
      usage: outcome?.usage === undefined ? null : usageObject(outcome.usage),
    })),
    notes: record.journal.notes.map(note => ({ ...note })),
  }
}

function usageObject({
  raw: _,
  ...usage
}: NonNullable<CallRecord['journal']['attempts'][number]['outcome']>['usage'] & object): JsonObject {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined))
}
