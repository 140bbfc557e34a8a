import type { Dialect } from '../core/dialect.ts'
import type { Quirk } from '../core/quirk.ts'
import type { DialectId } from '../ir/extra.ts'
import { anthropicMessages } from './anthropic-messages/index.ts'
import { bedrockConverse } from './bedrock-converse/index.ts'
import { cohere } from './cohere/index.ts'
import { gemini } from './gemini/index.ts'
import { openaiChat } from './openai-chat/index.ts'
import { chatQuirks } from './openai-chat/quirks/index.ts'
import { openaiCompletions } from './openai-completions/index.ts'
import { completionsQuirks } from './openai-completions/quirks/index.ts'
import { openaiResponses } from './openai-responses/index.ts'

/** The dialects this version speaks; the only file that names them all. */
const dialects: { readonly [D in DialectId]?: Dialect } = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  'bedrock-converse': bedrockConverse,
  cohere,
  'openai-completions': openaiCompletions,
  gemini,
}

/** The dialect of this name, or undefined where this version does not speak it. */
export function findDialect(id: DialectId): Dialect | undefined {
  return dialects[id]
}

export const dialectIds = Object.keys(dialects) as readonly DialectId[] // keys of a record over DialectId

/** Named deviations by dialect. */
const quirks: { readonly [D in DialectId]?: { readonly [id: string]: Quirk } } = {
  'openai-chat': chatQuirks,
  'openai-completions': completionsQuirks,
}

export function findQuirk(dialect: DialectId, id: string): Quirk | undefined {
  return quirks[dialect]?.[id]
}
