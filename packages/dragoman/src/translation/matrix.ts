import type { DialectId } from '../ir/extra.ts'
import { features, type TranslationLevel } from './feature.ts'
import { findCell, targets } from './table.ts'

/** Names of dialects for people. */
const titles: { readonly [D in DialectId]: string } = {
  'openai-chat': 'Chat',
  'openai-responses': 'Responses',
  'anthropic-messages': 'Messages',
  gemini: 'Gemini',
  'bedrock-converse': 'Converse',
  cohere: 'Cohere v2',
  'openai-completions': 'Completions',
}

const signs: { readonly [L in TranslationLevel]: string } = {
  native: '●',
  emulated: '◐',
  approximated: '≈',
  dropped: '○',
  refused: '✕',
}

/** What the signs mean, in a line. */
export const legend =
  '● the target has a word for it · ◐ emulated · ≈ something near is asked for · ○ a hint, left out with a note · ✕ refused by name'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** The table of one caller: a row for each feature that it has a word for, a column for each target's dialect. */
export function matrixOf(caller: DialectId): string {
  const rows = features.flatMap(({ id, title }) => {
    const cells = targets.map(target => findCell(id, caller, target))
    return cells.every(cell => cell === undefined)
      ? []
      : [row([title, ...cells.map(cell => (cell === undefined ? '' : signs[cell.level]))])]
  })
  const head = row([`**${titles[caller]}** to`, ...targets.map(target => titles[target])])
  return [head, row(['---', ...targets.map(() => ':-:')]), ...rows].join('\n')
}

const begin = '<!-- translations: made by scripts/translations.ts -->'
const end = '<!-- /translations -->'

/** A text with the tables of these callers between its marks; the text itself where it has no marks. */
export function withMatrix(text: string, callers: readonly DialectId[]): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) return text
  const tables = callers.map(matrixOf).join('\n\n')
  return `${text.slice(0, from)}${begin}\n\n${legend}\n\n${tables}\n\n${text.slice(to)}`
}
