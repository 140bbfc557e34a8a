// Writes the tables of translations into the pages that show them. Run it with `node scripts/bun.mjs scripts/translations.ts`.
import { readFileSync, writeFileSync } from 'node:fs'
import { withMatrix } from '../packages/dragoman/src/translation/matrix.ts'
import { pages } from '../packages/dragoman/test/translation/pages.ts'

for (const { file, callers } of pages) {
  const path = new URL(`../${file}`, import.meta.url)
  writeFileSync(path, withMatrix(readFileSync(path, 'utf8'), callers))
}
