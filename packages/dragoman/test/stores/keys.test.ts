import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { createAmbient } from '../../src/core/ambient.ts'
import { createKey, digestOf, isSame, parseKey, writeKey } from '../../src/stores/key-format.ts'
import { KeyStore, WrongPepperError } from '../../src/stores/keys.ts'
import { createSqliteDialect } from '../../src/stores/sqlite.ts'

// Whole processes start here, beside whatever else the machine is doing.
setDefaultTimeout(120_000)

const folder = mkdtempSync(join(tmpdir(), 'dragoman-keys-'))
const opened: KeyStore[] = []
afterAll(async () => {
  for (const store of opened) await store.close()
  rmSync(folder, { recursive: true })
})

const { randomId } = createAmbient()
const pepper = new Uint8Array(32).fill(7)
let files = 0

async function openStore(
  path = join(folder, `${++files}.db`),
  options: { pepper?: Uint8Array; now?: () => number } = {},
) {
  const store = await KeyStore.open({
    dialect: createSqliteDialect(path),
    pepper,
    now: Date.now,
    randomId,
    ...options,
  })
  opened.push(store)
  return store
}

const source = (path: string) => JSON.stringify(join(import.meta.dir, '../../src', path))

/** A presented text, taken through the whole check. */
async function check(store: KeyStore, text: string) {
  const key = parseKey(text)
  return key === undefined ? undefined : store.check(key)
}

describe('the form of a key', () => {
  test('a written key reads back, and holds at least 256 bits of secret', () => {
    const key = createKey(randomId)
    expect(parseKey(writeKey(key))).toEqual(key)
    expect(key.secret.length * Math.log2(62)).toBeGreaterThanOrEqual(256)
  })

  test('any changed character is seen without a look into the store', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...'AZaz09'), (position, character) => {
        const key = writeKey(createKey(randomId))
        const at = position % key.length
        const changed = key.slice(0, at) + character + key.slice(at + 1)
        // Six characters of checksum let one change in 10^10 through.
        expect(parseKey(changed) === undefined || changed === key).toBe(true)
      }),
    )
  })

  test('what is no key is none, whatever it is', () => {
    const key = writeKey(createKey(randomId))
    const others = [
      '',
      'dk_',
      `${key} `,
      ` ${key}`,
      `${key}\n`,
      key.toUpperCase(),
      `Bearer ${key}`,
      key.repeat(1000),
      '\0'.repeat(65_536),
    ]
    expect(others.map(parseKey)).toEqual(others.map(() => undefined))
  })

  test('two texts are the same only where they are', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (one, other) => isSame(one, other) === (one === other)))
    expect(isSame('a', 'a')).toBe(true)
  })
})

describe('the store', () => {
  test('a key made is known, by name and tenant, and listed without its secret', async () => {
    const store = await openStore()
    const { key, record } = await store.create('ci', 'team')
    expect(await check(store, key)).toEqual(record)
    expect(record).toMatchObject({ name: 'ci', tenant: 'team', revokedAt: undefined })
    expect(JSON.stringify(await store.list())).not.toContain(parseKey(key)?.secret ?? '-')
  })

  test('a revoked key is refused, and revoking twice says so', async () => {
    const store = await openStore()
    const { key, record } = await store.create('ci', 'team')
    expect((await store.revoke(record.id))?.revoked).toBe(true)
    expect(await check(store, key)).toBeUndefined()
    expect((await store.revoke(record.id))?.revoked).toBe(false)
    expect(await store.revoke('nobody')).toBeUndefined()
    expect((await store.list())[0]?.revokedAt).toBeNumber()
  })

  test('neither the stored digest nor a key built from it opens anything', async () => {
    const store = await openStore()
    const { key, record } = await store.create('ci', 'team')
    const secret = parseKey(key)?.secret ?? ''
    const digest = digestOf(secret, pepper)
    const built = [
      digest,
      `dk_${record.id}_${digest}`,
      writeKey({ id: record.id, secret: digest.slice(0, 43) }),
      secret,
    ]
    for (const text of built) expect(await check(store, text)).toBeUndefined()
  })

  test('the id of one key with the secret of another is refused', async () => {
    const store = await openStore()
    const [one, other] = [await store.create('a', 't'), await store.create('b', 't')]
    const mixed = writeKey({ id: one.record.id, secret: parseKey(other.key)?.secret ?? '' })
    expect(await check(store, mixed)).toBeUndefined()
  })

  test('a dump of the files holds no usable key', async () => {
    const path = join(folder, 'dump.db')
    const store = await openStore(path)
    const { key } = await store.create('ci', 'team')
    const files = readdirSync(folder).filter(name => name.startsWith('dump.db'))
    const dump = files.map(name => readFileSync(join(folder, name), 'latin1')).join('')
    expect(dump).toContain('team')
    expect(dump).not.toContain(parseKey(key)?.secret ?? '-')
  })

  test('another pepper is told at once, and the store is left as it was', async () => {
    const path = join(folder, 'pepper.db')
    const { key } = await (await openStore(path)).create('ci', 'team')
    await expect(openStore(path, { pepper: new Uint8Array(32) })).rejects.toThrow(WrongPepperError)
    expect(await check(await openStore(path), key)).toBeDefined()
  })

  test('processes that start together share one store', async () => {
    const path = join(folder, 'together.db')
    const script = `
      const { createAmbient } = await import(${source('core/ambient.ts')})
      const { KeyStore } = await import(${source('stores/keys.ts')})
      const { createSqliteDialect } = await import(${source('stores/sqlite.ts')})
      const store = await KeyStore.open({
        dialect: createSqliteDialect(${JSON.stringify(path)}),
        pepper: new Uint8Array(32).fill(7),
        now: Date.now,
        randomId: createAmbient().randomId,
      })
      console.log((await store.create('ci', 'team')).key)
      await store.close()`
    const keys = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'inherit' })
        return (await new Response(child.stdout).text()).trim()
      }),
    )
    const store = await openStore(path)
    for (const key of keys) expect(await check(store, key)).toMatchObject({ name: 'ci' })
  })

  test('a file that is no database is an error, not an empty store', async () => {
    const path = join(folder, 'garbage.db')
    writeFileSync(path, 'this is not a database, and long enough to be looked at as one'.repeat(50))
    await expect(openStore(path)).rejects.toThrow()
  })
})

describe('hostile text', () => {
  const corpus = [
    `'; drop table api_keys; --`,
    `" or "1"="1`,
    `' or 1=1 --`,
    `\\'; delete from api_keys where 'a'='a`,
    `%' and '%'='`,
    `_`,
    `x'); insert into api_keys values('a','b','c','d',0,0,null); --`,
    '\0',
    'a\0b',
    '\r\nx: y',
    '$1 ? ?1 :name @name',
    '🔑'.repeat(100),
    '\ud800',
    'x'.repeat(65_536),
    `dk_${'a'.repeat(12)}_${`'--`.repeat(20)}`,
  ]

  test('in a name, a tenant or an id it is text and nothing else', async () => {
    const store = await openStore()
    const { key } = await store.create('keeper', 'safe')
    for (const text of corpus) {
      const { record } = await store.create(text, text)
      expect(await store.revoke(text)).toBeUndefined()
      expect((await store.revoke(record.id))?.revoked).toBe(true)
      expect(await check(store, text)).toBeUndefined()
      expect(await store.check({ id: text, secret: text })).toBeUndefined()
    }
    const list = await store.list()
    expect(list).toHaveLength(corpus.length + 1)
    // A lone surrogate and what follows a NUL do not survive a text column everywhere; everything else does.
    const plain = corpus.filter(text => text !== '\ud800' && !text.includes('\0'))
    expect(list.map(record => record.name)).toEqual(expect.arrayContaining(['keeper', ...plain]))
    expect(await check(store, key)).toMatchObject({ name: 'keeper' })
  })

  test('no query is put together from text', () => {
    const files = ['keys.ts', 'schema.ts', 'sqlite.ts'].map(name =>
      readFileSync(join(import.meta.dir, '../../src/stores', name), 'utf8'),
    )
    for (const text of files)
      expect(text).not.toMatch(/sql`|sql\.raw|CompiledQuery\.raw\((?!'begin immediate')/)
  })
})
