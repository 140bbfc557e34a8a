import type { DialectId } from '../../src/ir/extra.ts'

/** The pages of the repository that show the tables of translations, and whose. */
export const pages: readonly { readonly file: string; readonly callers: readonly DialectId[] }[] = [
  { file: 'README.md', callers: ['openai-chat'] },
  {
    file: 'TRANSLATIONS.md',
    callers: ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini', 'openai-completions'],
  },
]
