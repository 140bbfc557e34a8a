import type { DialectId } from '../ir/extra.ts'
import cells from './cells.json' with { type: 'json' }
import { type Cell, type FeatureId, parseCell, writeCell } from './feature.ts'

/** Dialects of targets, in the order in which they are shown. */
export const targets = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'cohere',
  'openai-completions',
] as const satisfies readonly DialectId[]

/** By feature and caller's dialect: the cells in the order of `targets`, each a level and the field that is named. */
export type Table = { readonly [F in FeatureId]: { readonly [C in DialectId]?: string } }

/**
 * What becomes of each feature between each pair of dialects, where nothing more is known of a target than its wire.
 * The cells are data; `test/translation/table.test.ts` sends each of them the way of a call and compares.
 */
export const table: Table = cells

const between = ' | '
const order: readonly DialectId[] = targets

export const writeCells = (row: readonly Cell[]): string => row.map(writeCell).join(between)

/** The cell of a feature between two dialects; undefined where the caller has no word for it. */
export function findCell(feature: FeatureId, caller: DialectId, target: DialectId): Cell | undefined {
  const cell = table[feature][caller]?.split(between)[order.indexOf(target)]
  return cell === undefined ? undefined : parseCell(cell)
}
