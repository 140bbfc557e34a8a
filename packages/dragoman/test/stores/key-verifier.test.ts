import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAmbient } from '../../src/core/ambient.ts'
import { createKey, parseKey, writeKey } from '../../src/stores/key-format.ts'
import { CachedKeyVerifier } from '../../src/stores/key-verifier.ts'
import { KeyStore } from '../../src/stores/keys.ts'
import { createSqliteDialect } from '../../src/stores/sqlite.ts'

const { randomId } = createAmbient()
const folder = mkdtempSync(join(tmpdir(), 'dragoman-verifier-'))
const path = join(folder, 'keys.db')
const openStore = () =>
  KeyStore.open({ dialect: createSqliteDialect(path), pepper: new Uint8Array(32), now: Date.now, randomId })

let store: KeyStore
beforeAll(async () => {
  store = await openStore()
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const localKey = 'my own local key'

/** A verifier with a clock of its own that counts how often the store is asked. */
function createVerifier(open: () => Promise<KeyStore> = async () => store) {
  const seen = { opens: 0, checks: 0, failures: [] as unknown[], now: 1_000_000 }
  const verifier = new CachedKeyVerifier({
    localKey,
    now: () => seen.now,
    onFailure: error => seen.failures.push(error),
    async open() {
      seen.opens++
      const real = await open()
      return new Proxy(real, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target)
          if (name === 'check') seen.checks++
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    },
  })
  return { verifier, seen }
}

describe('who presents a key', () => {
  test('the local key is the owner, without a store', async () => {
    const { verifier, seen } = createVerifier()
    expect(await verifier.verify(localKey)).toMatchObject({ kind: 'known', principal: { id: 'local' } })
    expect(seen.opens).toBe(0)
  })

  test('a stored key is its record', async () => {
    const { verifier } = createVerifier()
    const { key, record } = await store.create('ci', 'team')
    expect(await verifier.verify(key)).toEqual({
      kind: 'known',
      principal: { id: record.id, name: 'ci', tenant: 'team' },
    })
  })

  test('everything else is unknown, and what cannot be a key costs the store nothing', async () => {
    const { verifier, seen } = createVerifier()
    const { key } = await store.create('ci', 'team')
    for (const text of [
      '',
      'x',
      localKey.slice(1),
      `${localKey} `,
      key.slice(0, -1),
      key.toLowerCase(),
      'k'.repeat(65_536),
    ]) {
      expect(await verifier.verify(text)).toEqual({ kind: 'unknown' })
    }
    expect(seen.checks).toBe(0)
    expect(await verifier.verify(writeKey(createKey(randomId)))).toEqual({ kind: 'unknown' })
    expect(seen.checks).toBe(1)
  })
})

describe('verdicts that are kept', () => {
  test('a key in use is answered at once, without the store', async () => {
    const { verifier, seen } = createVerifier()
    const { key } = await store.create('ci', 'team')
    await verifier.verify(key)
    const again = verifier.verify(key)
    expect(again).not.toBeInstanceOf(Promise)
    expect(seen.checks).toBe(1)
  })

  test('a key that another process revokes is refused a second later', async () => {
    const { verifier, seen } = createVerifier()
    const other = await openStore()
    const { key, record } = await other.create('ci', 'team')
    expect(await verifier.verify(key)).toMatchObject({ kind: 'known' })
    await other.revoke(record.id)
    await other.close()
    seen.now += 1000
    expect(await verifier.verify(key)).toEqual({ kind: 'unknown' })
  })

  test('keys that share a beginning never share a verdict', async () => {
    const { verifier } = createVerifier()
    const { key, record } = await store.create('ci', 'team')
    const secret = parseKey(key)?.secret ?? ''
    expect(await verifier.verify(key)).toMatchObject({ kind: 'known' })
    const twin = writeKey({
      id: record.id,
      secret: `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`,
    })
    expect(twin.slice(0, 50)).toBe(key.slice(0, 50))
    expect(await verifier.verify(twin)).toEqual({ kind: 'unknown' })
    expect(await verifier.verify(key)).toMatchObject({ kind: 'known' })
  })

  test('calls that come together ask the store once', async () => {
    const { verifier, seen } = createVerifier()
    const { key } = await store.create('ci', 'team')
    await Promise.all(Array.from({ length: 20 }, () => verifier.verify(key)))
    expect(seen.checks).toBe(1)
  })

  test('guessing fills its own bounded room, not that of the right keys', async () => {
    const { verifier, seen } = createVerifier()
    await verifier.verify(localKey)
    for (let guess = 0; guess < 1200; guess++) await verifier.verify(writeKey(createKey(randomId)))
    expect(verifier.held).toEqual({ known: 1, unknown: 1000 })
    expect(seen.checks).toBe(1200)
  })

  test('the last use is noted once a minute', async () => {
    const { verifier, seen } = createVerifier()
    const { key, record } = await store.create('ci', 'team')
    const lastUse = async () => (await store.list()).find(found => found.id === record.id)?.lastUsedAt
    await verifier.verify(key)
    const first = await lastUse()
    expect(first).toBeNumber()
    seen.now += 30_000
    await verifier.verify(key)
    expect(await lastUse()).toBe(first)
  })
})

describe('a store that cannot answer', () => {
  const broken = () => Promise.reject(new Error('disk gone'))

  test('is unavailable, never unknown; the local key still works', async () => {
    const { verifier, seen } = createVerifier(broken)
    expect(await verifier.verify(writeKey(createKey(randomId)))).toEqual({ kind: 'unavailable' })
    expect(await verifier.verify(localKey)).toMatchObject({ kind: 'known' })
    expect(seen.failures).toHaveLength(1)
  })

  test('is asked again, and heals', async () => {
    let healed = false
    const { verifier } = createVerifier(() => (healed ? Promise.resolve(store) : broken()))
    const { key } = await store.create('ci', 'team')
    expect(await verifier.verify(key)).toEqual({ kind: 'unavailable' })
    healed = true
    expect(await verifier.verify(key)).toMatchObject({ kind: 'known' })
  })

  test('that closes under way is unavailable too', async () => {
    const closing = await openStore()
    const { key } = await closing.create('ci', 'team')
    const { verifier, seen } = createVerifier(async () => closing)
    expect(await verifier.verify(key)).toMatchObject({ kind: 'known' })
    await closing.close()
    seen.now += 1000
    expect(await verifier.verify(key)).toEqual({ kind: 'unavailable' })
  })
})
