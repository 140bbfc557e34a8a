import type { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { isObject } from '../../wire/json.ts'
import { tierWord } from './settings.ts'
import { dialect } from './wire.ts'

/** Counters that say something; a chunk whose usage names only its traffic type has none (trap 64). */
const counters = [
  'promptTokenCount',
  'candidatesTokenCount',
  'totalTokenCount',
  'thoughtsTokenCount',
] as const // names of fields

/** A counter; proto3 leaves zeros out and writes 64-bit integers as text. */
function countOf(wire: JsonObject, key: string): number {
  const value = Number(wire[key] ?? 0)
  return Number.isFinite(value) && value > 0 ? value : 0
}

/** Tokens of audio among `*TokensDetails`. */
function audioIn(details: JsonValue | undefined): number | undefined {
  if (!isList(details)) return undefined
  let sum: number | undefined
  for (const detail of details) {
    if (isObject(detail) && detail.modality === 'AUDIO') sum = (sum ?? 0) + countOf(detail, 'tokenCount')
  }
  return sum
}

/**
 * `usageMetadata` to the ledger (card 8.1, checked on all recordings): the prompt includes what was read from a cache
 * (trap 4), prompts of tools count besides, candidates exclude thoughts (trap 3).
 */
export function decodeUsage(wire: JsonObject): Usage {
  const cacheRead = countOf(wire, 'cachedContentTokenCount')
  const prompt = countOf(wire, 'promptTokenCount') + countOf(wire, 'toolUsePromptTokenCount')
  const thoughts = countOf(wire, 'thoughtsTokenCount')
  const inputAudio = audioIn(wire.promptTokensDetails)
  const outputAudio = audioIn(wire.candidatesTokensDetails)
  // Written out, because every chunk of a stream has usage.
  return {
    input: Math.max(0, prompt - cacheRead),
    cacheRead,
    cacheWrite: 0,
    output: countOf(wire, 'candidatesTokenCount') + thoughts,
    ...(wire.thoughtsTokenCount === undefined ? undefined : { reasoning: thoughts }),
    ...(inputAudio === undefined ? undefined : { inputAudio }),
    ...(outputAudio === undefined ? undefined : { outputAudio }),
    source: 'reported',
    raw: { dialect, value: wire },
  }
}

/** Whether this object counts anything. */
export function hasCounters(usage: JsonObject): boolean {
  return counters.some(key => usage[key] !== undefined)
}

/**
 * Usage and tier for a client of this wire; what this wire itself said is put back as it was. Undefined where nothing is
 * known: no field is required here.
 */
export function encodeUsage(
  usage: Usage | undefined,
  serviceTier: string | undefined,
): JsonObject | undefined {
  if (usage?.raw?.dialect === dialect) return usage.raw.value
  const tier = tierWord(serviceTier)
  if (usage === undefined) return tier === undefined ? undefined : { serviceTier: tier }
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite
  const { reasoning } = usage
  const visible = Math.max(0, usage.output - (reasoning ?? 0))
  return defined({
    promptTokenCount: prompt,
    candidatesTokenCount: visible,
    totalTokenCount: prompt + visible + (reasoning ?? 0),
    cachedContentTokenCount: usage.cacheRead === 0 ? undefined : usage.cacheRead,
    // proto3 leaves zeros out.
    thoughtsTokenCount: reasoning === 0 ? undefined : reasoning,
    promptTokensDetails: detailsOf(prompt, usage.inputAudio),
    candidatesTokensDetails: detailsOf(visible, usage.outputAudio),
    serviceTier: tier,
  })
}

/** The counts by modality, where some of the tokens are audio. */
function detailsOf(total: number, audio: number | undefined): readonly JsonObject[] | undefined {
  if (audio === undefined || audio === 0) return undefined
  const text = Math.max(0, total - audio)
  return [
    ...(text === 0 ? [] : [{ modality: 'TEXT', tokenCount: text }]),
    { modality: 'AUDIO', tokenCount: audio },
  ]
}

/** What this wire cannot tell of usage. */
export function noteUsage(usage: Usage | undefined, serviceTier: string | undefined, notes: Notes): void {
  if (usage?.raw?.dialect === dialect) return
  if (usage !== undefined && usage.cacheWrite > 0) {
    notes.add('approximated', 'usage.cacheWrite', 'what was written to a cache is part of the prompt here')
  }
  if (serviceTier !== undefined && tierWord(serviceTier) === undefined) {
    notes.add('dropped', 'serviceTier', `there is no tier ${serviceTier} here`)
  }
}
