import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { withMatrix } from '../../src/translation/matrix.ts'
import { pages } from './pages.ts'

test.each(pages)(
  '$file shows the table as it is (node scripts/bun.mjs scripts/translations.ts)',
  ({ file, callers }) => {
    const text = readFileSync(`${import.meta.dir}/../../../../${file}`, 'utf8')
    expect(text).toContain('translations: made by')
    expect(withMatrix(text, callers)).toBe(text)
  },
)
