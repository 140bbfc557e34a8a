import type { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { isObject, own } from '../../wire/json.ts'
import { dialect } from './wire.ts'

/** The counters of the ledger, in this wire's words. */
const counters = {
  input: 'input_tokens',
  cacheRead: 'cache_read_input_tokens',
  cacheWrite: 'cache_creation_input_tokens',
  output: 'output_tokens',
} as const // a table of literals

/** This wire's tiers and the model's words for them, which are OpenAI's (trap 48); `batch` has none. */
const tiers: { readonly [tier: string]: string } = { standard: 'default', priority: 'priority' }
const tierWords: { readonly [tier: string]: string } = { default: 'standard', priority: 'priority' }

function numberOf(wire: JsonObject, key: string): number {
  const value = wire[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

/**
 * Usage to the ledger. Its input counters exclude each other already. A compaction pass is billed and stands only in
 * `iterations` (trap 53); an advisor's pass is billed at another model and stays in the raw object.
 */
export function decodeUsage(wire: JsonObject): Usage {
  const { iterations } = wire
  const compactions = isList(iterations)
    ? iterations.filter(isObject).filter(iteration => iteration.type === 'compaction')
    : []
  const sum = (key: string): number =>
    compactions.reduce((total, iteration) => total + numberOf(iteration, key), numberOf(wire, key))
  const details = wire.output_tokens_details
  const reasoning = isObject(details) ? details.thinking_tokens : undefined
  return defined({
    input: sum(counters.input),
    cacheRead: sum(counters.cacheRead),
    cacheWrite: sum(counters.cacheWrite),
    output: sum(counters.output),
    reasoning: typeof reasoning === 'number' ? reasoning : undefined,
    source: 'reported',
    raw: { dialect, value: wire },
  })
}

/** The tier an answer was served with; undefined where the model has no word for it. */
export function decodeTier(usage: JsonObject): string | undefined {
  const { service_tier: tier } = usage
  return typeof tier === 'string' ? own(tiers, tier) : undefined
}

/** Usage for a client of this wire; what this wire itself said is put back as it was. */
export function encodeUsage(usage: Usage | undefined, serviceTier: string | undefined): JsonObject {
  const tier = defined({ service_tier: tierWord(serviceTier) })
  const raw = usage?.raw?.dialect === dialect ? usage.raw.value : undefined
  if (usage !== undefined && raw !== undefined) {
    return { input_tokens: usage.input, output_tokens: usage.output, ...tier, ...raw }
  }
  return defined({
    input_tokens: usage?.input ?? 0,
    cache_creation_input_tokens: usage?.cacheWrite ?? 0,
    cache_read_input_tokens: usage?.cacheRead ?? 0,
    output_tokens: usage?.output ?? 0,
    output_tokens_details: usage?.reasoning === undefined ? undefined : { thinking_tokens: usage.reasoning },
    ...tier,
  })
}

function tierWord(tier: string | undefined): string | undefined {
  return tier === undefined ? undefined : own(tierWords, tier)
}

/** What this wire cannot tell of usage, or has to tell although nobody knows it. */
export function noteUsage(usage: Usage | undefined, serviceTier: string | undefined, notes: Notes): void {
  if (usage === undefined)
    notes.add('approximated', 'usage', 'the upstream told no usage; it is required here')
  else if (usage.inputAudio || usage.outputAudio) {
    notes.add('dropped', 'usage', 'audio tokens are not told apart here')
  }
  if (serviceTier !== undefined && tierWord(serviceTier) === undefined) {
    notes.add('dropped', 'serviceTier', `there is no tier ${serviceTier} here`)
  }
}

/**
 * What a stream's later usage adds to the earlier one. The counters of `message_delta` are totals, whichever way they
 * went, and null says nothing (traps 17 and 60): the last value of each wins.
 */
export function mergeUsage(earlier: JsonObject | undefined, later: JsonObject): JsonObject {
  const said = Object.entries(later).filter(([, value]) => value !== null)
  return { ...later, ...earlier, ...Object.fromEntries(said) }
}

const totals: readonly string[] = Object.values(counters)

/** The usage of `message_delta`: the totals, and whatever `message_start` did not say the same way. */
export function usageSince(start: JsonObject, now: JsonObject): JsonObject {
  const changed = Object.entries(now).filter(
    ([key, value]) => totals.includes(key) || !sameJson(value, start[key]),
  )
  return Object.fromEntries(changed)
}

function sameJson(one: JsonValue, other: JsonValue | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
