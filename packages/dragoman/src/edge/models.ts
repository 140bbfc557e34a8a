import type { DialectId } from '../ir/extra.ts'
import type { JsonObject } from '../ir/json.ts'

/** One name a caller may use as `model`. */
export interface ModelEntry {
  readonly id: string
  /** Who has it: the provider's name, or `dragoman` for a configured alias. */
  readonly owner: string
}

/** Seconds; the lists of most upstreams say nothing better, and clients want a number. */
const created = 1_700_000_000

const openaiModel = (entry: ModelEntry): JsonObject => ({
  id: entry.id,
  object: 'model',
  created,
  owned_by: entry.owner,
})

const anthropicModel = (entry: ModelEntry): JsonObject => ({
  type: 'model',
  id: entry.id,
  display_name: entry.id,
  created_at: new Date(created * 1000).toISOString(),
})

/** `@google/genai` 3.1.0 `Model`, as far as anything is known of every model. */
const geminiModel = (entry: ModelEntry): JsonObject => ({
  name: `models/${entry.id}`,
  displayName: entry.id,
  supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
})

/** A list of models as the caller's SDK reads it (openai-node `Model`, Anthropic `ModelInfo`, Gemini `Model`). */
export function renderModels(entries: readonly ModelEntry[], dialect: DialectId): JsonObject {
  if (dialect === 'gemini') return { models: entries.map(geminiModel) }
  if (dialect !== 'anthropic-messages') return { object: 'list', data: entries.map(openaiModel) }
  return {
    data: entries.map(anthropicModel),
    has_more: false,
    first_id: entries[0]?.id ?? null,
    last_id: entries.at(-1)?.id ?? null,
  }
}

const writers: { readonly [D in DialectId]?: (entry: ModelEntry) => JsonObject } = {
  'anthropic-messages': anthropicModel,
  gemini: geminiModel,
}

export const renderModel = (entry: ModelEntry, dialect: DialectId): JsonObject =>
  (writers[dialect] ?? openaiModel)(entry)
