import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Handles } from '../../src/core/ports.ts'
import { createMemoryHandles } from '../../src/custody/memory-handles.ts'
import { custodyFile, parseCustodySecrets, readCustodySecrets } from '../../src/stores/data-folder.ts'
import { HandleStore } from '../../src/stores/handles.ts'
import { createSqliteDialect } from '../../src/stores/sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'dragoman-handles-'))
const opened: HandleStore[] = []
afterAll(async () => {
  for (const store of opened) await store.close()
  rmSync(folder, { recursive: true })
})

let files = 0

async function openStore(now: () => number, path = join(folder, `${++files}.db`)): Promise<HandleStore> {
  const store = await HandleStore.open({ dialect: createSqliteDialect(path), now })
  opened.push(store)
  return store
}

const stores: readonly (readonly [string, (now: () => number) => Promise<Handles>])[] = [
  ['in memory', async now => createMemoryHandles(now)],
  ['in SQLite', now => openStore(now)],
]

describe.each(stores)('handles %s', (_, open) => {
  test('are found by their tenant and by nobody else', async () => {
    const handles = await open(() => 0)
    await handles.put('one', 'h1', 'state', 10)
    expect(await handles.get('one', ['h1', 'h2'])).toEqual(new Map([['h1', 'state']]))
    expect(await handles.get('other', ['h1'])).toEqual(new Map())
  })

  test('hold what was put last', async () => {
    const handles = await open(() => 0)
    await handles.put('one', 'h1', 'first', 10)
    await handles.put('one', 'h1', 'second', 10)
    expect(await handles.get('one', ['h1'])).toEqual(new Map([['h1', 'second']]))
  })

  test('are gone when their time is over', async () => {
    let now = 0
    const handles = await open(() => now)
    await handles.put('one', 'h1', 'state', 10)
    now = 10
    expect(await handles.get('one', ['h1'])).toEqual(new Map())
  })
})

test('memory gives room to the newest handles, and what is too large for it is not kept', async () => {
  const handles = createMemoryHandles(() => 0, 10)
  for (const name of ['a', 'b', 'c']) await handles.put('one', name, 'x'.repeat(5), 10)
  expect([...(await handles.get('one', ['a', 'b', 'c'])).keys()]).toEqual(['b', 'c'])
  await handles.put('one', 'd', 'x'.repeat(11), 10)
  expect(await handles.get('one', ['a', 'b', 'c', 'd'])).toEqual(new Map())
})

test('a database keeps its handles when it is opened again', async () => {
  const path = join(folder, 'again.db')
  const first = await openStore(() => 0, path)
  await first.put('one', 'h1', 'state', 10)
  const second = await openStore(() => 0, path)
  expect(await second.get('one', ['h1'])).toEqual(new Map([['h1', 'state']]))
})

test('expired handles are swept out of the database', async () => {
  let now = 0
  const path = join(folder, 'swept.db')
  const store = await openStore(() => now, path)
  await store.put('one', 'old', 'state', 10)
  now = 20
  const later = await openStore(() => now, path)
  await later.put('one', 'new', 'state', 30)
  now = 5
  expect([...(await later.get('one', ['old', 'new'])).keys()]).toEqual(['new'])
})

describe('the secrets of a data folder', () => {
  test('are made once and are their owner’s alone', () => {
    const made = readCustodySecrets(join(folder, 'data'))
    expect(made).toEqual(readCustodySecrets(join(folder, 'data')))
    expect(made.map(secret => secret.length)).toEqual([32])
    expect(statSync(custodyFile(join(folder, 'data'))).mode & 0o777).toBe(0o600)
  })

  test('may be given as text, and are never repeated in a complaint', () => {
    const secrets = parseCustodySecrets(` ${'ab'.repeat(32)} ${'cd'.repeat(32)}\n`, 'here')
    expect(secrets.map(secret => secret[0])).toEqual([0xab, 0xcd])
    expect(() => parseCustodySecrets('secret', 'here')).toThrow(
      /^here is damaged: [^s]*each of its lines has to hold 64/,
    )
  })

  test('are read newest first, and a damaged file is told', () => {
    const path = custodyFile(join(folder, 'data'))
    writeFileSync(path, `${'ab'.repeat(32)}\n${'cd'.repeat(32)}\n`)
    expect(readCustodySecrets(join(folder, 'data')).map(secret => secret[0])).toEqual([0xab, 0xcd])
    writeFileSync(path, `${'ab'.repeat(32)}\nnonsense\n`)
    expect(() => readCustodySecrets(join(folder, 'data'))).toThrow('damaged')
  })
})
