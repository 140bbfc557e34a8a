import type { Notes } from '../../core/codec/notes.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { dialect } from './wire.ts'

function numberOf(wire: JsonObject, ...keys: readonly string[]): number {
  for (const key of keys) {
    const value = wire[key]
    if (typeof value === 'number' && Number.isFinite(value)) return value
  }
  return 0
}

/**
 * `TokenUsage` (SDK 3.1164) to the ledger. Its input counter excludes what caches read and wrote. Services write each
 * cache counter under two names side by side (capture `amazon-bedrock-text.json`): it counts once.
 */
export function decodeUsage(wire: JsonObject): Usage {
  return {
    input: numberOf(wire, 'inputTokens'),
    cacheRead: numberOf(wire, 'cacheReadInputTokens', 'cacheReadInputTokenCount'),
    cacheWrite: numberOf(wire, 'cacheWriteInputTokens', 'cacheWriteInputTokenCount'),
    output: numberOf(wire, 'outputTokens'),
    source: 'reported',
    raw: { dialect, value: wire },
  }
}

/** Usage for a client of this wire; what this wire itself said is put back as it was. */
export function encodeUsage(usage: Usage | undefined): JsonObject {
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0 } = usage ?? {}
  const counted = {
    inputTokens: input,
    outputTokens: output,
    totalTokens: input + cacheRead + cacheWrite + output,
  }
  if (usage?.raw?.dialect === dialect) return { ...counted, ...usage.raw.value }
  const cached = { cacheReadInputTokens: cacheRead, cacheWriteInputTokens: cacheWrite }
  return cacheRead + cacheWrite > 0 ? { ...counted, ...cached } : counted
}

/** What this wire cannot tell of usage, or has to tell although nobody knows it. */
export function noteUsage(usage: Usage | undefined, notes: Notes): void {
  if (usage === undefined)
    notes.add('approximated', 'usage', 'the upstream told no usage; it is required here')
  else if (usage.reasoning || usage.inputAudio || usage.outputAudio) {
    notes.add('dropped', 'usage', 'tokens of reasoning and audio are not told apart here')
  }
}
