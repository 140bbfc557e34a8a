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

/** How the models of a dialect are written: one, and a list of them. */
interface ModelWriter {
  one(entry: ModelEntry): JsonObject
  list(models: readonly JsonObject[], entries: readonly ModelEntry[]): JsonObject
}

const openaiWriter: ModelWriter = {
  one: openaiModel,
  list: data => ({ object: 'list', data }),
}

/** The forms that are not OpenAI's, by the dialect they belong to. */
const writers: { readonly [D in DialectId]?: ModelWriter } = {
  'anthropic-messages': {
    one: anthropicModel,
    list: (data, entries) => ({
      data,
      has_more: false,
      first_id: entries[0]?.id ?? null,
      last_id: entries.at(-1)?.id ?? null,
    }),
  },
  gemini: { one: geminiModel, list: models => ({ models }) },
}

const writerOf = (dialect: DialectId): ModelWriter => writers[dialect] ?? openaiWriter

/** A list of models as the caller's SDK reads it (openai-node `Model`, Anthropic `ModelInfo`, Gemini `Model`). */
export function renderModels(entries: readonly ModelEntry[], dialect: DialectId): JsonObject {
  const writer = writerOf(dialect)
  return writer.list(entries.map(writer.one), entries)
}

export const renderModel = (entry: ModelEntry, dialect: DialectId): JsonObject => writerOf(dialect).one(entry)
