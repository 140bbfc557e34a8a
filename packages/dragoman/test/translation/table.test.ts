import { expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { features } from '../../src/translation/feature.ts'
import { type Table, table, targets, writeCells } from '../../src/translation/table.ts'
import { drive } from './drive.ts'
import { callers } from './probes.ts'

/** The table as the code makes it, cell by cell. */
async function driven(): Promise<Table> {
  const rows: { [feature: string]: { [caller: string]: string } } = {}
  for (const { id } of features) {
    const row: { [caller: string]: string } = {}
    for (const caller of callers) {
      const cells = await Promise.all(targets.map(target => drive(caller, target, id)))
      const said = cells.filter(cell => cell !== undefined)
      if (said.length > 0) row[caller] = writeCells(said)
    }
    rows[id] = row
  }
  return rows as Table // every feature has its row
}

// UPDATE_GOLDEN=1 writes the cells; then `node scripts/bun.mjs scripts/translations.ts` writes the pages.
test('every cell of the translation table is what the code does', async () => {
  const made = await driven()
  if (process.env.UPDATE_GOLDEN === '1') {
    const file = `${import.meta.dir}/../../src/translation/cells.json`
    writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`)
    return
  }
  expect(made).toEqual(table)
})
