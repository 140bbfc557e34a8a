import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openState } from '../../src/cli/state.ts'
import { storeFile } from '../../src/stores/data-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'dragoman-open-state-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  [undefined, storeFile(folder)],
  ['sqlite:', storeFile(folder)],
  ['sqlite:elsewhere/kept.db', join(folder, 'elsewhere/kept.db')],
  [`sqlite:${join(folder, 'absolute.db')}`, join(folder, 'absolute.db')],
])('%s is the file %s, made with the first need of it', async (url, file) => {
  rmSync(file, { force: true })
  const store = openState(url, folder)
  expect([store.isLasting, existsSync(file)]).toEqual([true, false])
  expect(await store.find('t', 'resp_x')).toBeUndefined()
  expect(existsSync(file)).toBe(true)
  await store.close()
})

test('memory is no file', async () => {
  expect(openState('memory:', join(folder, 'none')).isLasting).toBe(false)
  expect(existsSync(join(folder, 'none'))).toBe(false)
})

test('a file that could not be opened is tried again with the next need', async () => {
  const place = join(folder, 'blocked')
  writeFileSync(place, 'no folder')
  const store = openState(undefined, place)
  const fails = store.find('t', 'resp_x').then(
    () => false,
    () => true,
  )
  expect(await fails).toBe(true)
  rmSync(place)
  mkdirSync(place)
  expect(await store.find('t', 'resp_x')).toBeUndefined()
  await store.close()
})
