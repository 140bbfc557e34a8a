import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  defaultDataFolder,
  localKeyFile,
  pepperFile,
  readLocalKey,
  readPepper,
} from '../../src/stores/data-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'dragoman-data-'))
afterAll(() => rmSync(root, { recursive: true }))

test('the folder is the platform’s for a user’s data', () => {
  expect(defaultDataFolder('linux', {}, '/home/u')).toBe('/home/u/.local/share/dragoman')
  expect(defaultDataFolder('linux', { XDG_DATA_HOME: '/data' }, '/home/u')).toBe('/data/dragoman')
  expect(defaultDataFolder('darwin', {}, '/Users/u')).toBe('/Users/u/Library/Application Support/dragoman')
  expect(defaultDataFolder('win32', { APPDATA: 'C:\\u' }, 'C:\\h')).toStartWith('C:\\u')
})

test('secrets are made once, and only their owner can read them', () => {
  const folder = join(root, 'a', 'b')
  const key = readLocalKey(folder, () => 'made once')
  expect(key).toBe('made once')
  expect(readLocalKey(folder, () => 'made twice')).toBe('made once')
  expect(readPepper(folder)).toEqual(readPepper(folder))
  expect(readPepper(folder)).toHaveLength(32)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  for (const file of [localKeyFile(folder), pepperFile(folder)])
    expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder).sort()).toEqual(['local.key', 'pepper'])
})

test('an empty secret file is made anew, a damaged pepper is told', () => {
  const folder = join(root, 'c')
  readLocalKey(folder, () => 'first')
  writeFileSync(localKeyFile(folder), '\n')
  expect(readLocalKey(folder, () => 'second')).toBe('second')
  writeFileSync(pepperFile(folder), 'not hexadecimal')
  expect(() => readPepper(folder)).toThrow('damaged')
})
