import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ResponseRecord, StateStore } from '../../src/core/state-store.ts'
import { MemoryStateStore } from '../../src/stores/memory-state.ts'
import { SqlStateStore } from '../../src/stores/sql-state.ts'
import { createSqliteDialect } from '../../src/stores/sqlite.ts'

// The contract of `StateStore`, on every store there is.

const folder = mkdtempSync(join(tmpdir(), 'dragoman-state-'))
const opened: StateStore[] = []
afterAll(async () => {
  for (const store of opened) await store.close()
  rmSync(folder, { recursive: true })
})

let files = 0
const openSqlite = (path = join(folder, `${++files}.db`)) => SqlStateStore.open(createSqliteDialect(path))
const stores: readonly (readonly [name: string, open: () => Promise<StateStore>])[] = [
  ['memory', async () => new MemoryStateStore()],
  ['sqlite', () => openSqlite()],
]

const record = (more: Partial<ResponseRecord> = {}): ResponseRecord => ({
  id: 'resp_a',
  tenant: 'one',
  createdAt: 1000,
  state: 'in_progress',
  background: false,
  request: { model: 'm', metadata: { name: 'Zoë' } },
  input: [{ id: 'msg_a_i0', type: 'message', role: 'user', content: [] }],
  leaseUntil: 5000,
  ...more,
})
const segment = (first: number, count = 1) => ({
  first,
  count,
  events: JSON.stringify(Array(count).fill(first)),
})
const item = (id: string) => ({ id, type: 'message' })

describe.each(stores)('the state store (%s)', (_, open) => {
  const fresh = async () => {
    const store = await open()
    opened.push(store)
    return store
  }

  test('gives back what was put in, to its tenant alone', async () => {
    const store = await fresh()
    const whole = record({ expiresAt: 9000, background: true, cutAt: 3 })
    await store.open(whole)
    await store.open(record({ id: 'resp_b' }))
    expect(await store.find('one', 'resp_a')).toEqual(whole)
    expect(await store.find('one', 'resp_b')).toEqual(record({ id: 'resp_b' }))
    expect(await store.find('two', 'resp_a')).toBeUndefined()
    expect(await store.find('one', 'resp_c')).toBeUndefined()
  })

  test('keeps segments in order and reads from any event on', async () => {
    const store = await fresh()
    await store.open(record(), segment(0, 3))
    expect(await store.append('resp_a', segment(3, 2))).toBe(true)
    expect(await store.end('resp_a', segment(5))).toBe(true)
    const firsts = async (from: number) => (await store.segments('resp_a', from)).map(({ first }) => first)
    expect(await firsts(0)).toEqual([0, 3, 5])
    expect(await firsts(2)).toEqual([0, 3, 5])
    expect(await firsts(3)).toEqual([3, 5])
    expect(await firsts(4)).toEqual([3, 5])
    expect(await firsts(6)).toEqual([])
    expect((await store.segments('resp_a', 3))[0]).toEqual(segment(3, 2))
  })

  test('ends once, and takes nothing after the end', async () => {
    const store = await fresh()
    await store.open(record())
    expect(await store.end('resp_a', segment(0), { cutAt: 0 })).toBe(true)
    expect(await store.find('one', 'resp_a')).toMatchObject({ state: 'ended', cutAt: 0 })
    expect(await store.end('resp_a', segment(1))).toBe(false)
    expect(await store.append('resp_a', segment(1))).toBe(false)
    expect(await store.start('resp_a')).toBe(false)
    expect((await store.segments('resp_a', 0)).length).toBe(1)
  })

  test('takes nothing for what is gone', async () => {
    const store = await fresh()
    await store.open(record(), segment(0))
    expect(await store.remove('two', 'resp_a')).toBe(false)
    expect(await store.remove('one', 'resp_a')).toBe(true)
    expect(await store.remove('one', 'resp_a')).toBe(false)
    expect(await store.append('resp_a', segment(1))).toBe(false)
    expect(await store.end('resp_a', segment(1))).toBe(false)
    expect(await store.segments('resp_a', 0)).toEqual([])
  })

  test('starts what is queued, once', async () => {
    const store = await fresh()
    await store.open(record({ state: 'queued' }))
    expect(await store.start('resp_a')).toBe(true)
    expect(await store.start('resp_a')).toBe(false)
    expect((await store.find('one', 'resp_a'))?.state).toBe('in_progress')
  })

  test('tells what nobody works on any more', async () => {
    const store = await fresh()
    await store.open(record())
    await store.open(record({ id: 'resp_b', state: 'queued' }))
    await store.open(record({ id: 'resp_c' }))
    await store.open(record({ id: 'resp_d', state: 'ended' }))
    const abandoned = async (now: number) => (await store.abandoned(now)).map(({ id }) => id).sort()
    expect(await abandoned(5000)).toEqual([])
    expect(await abandoned(5001)).toEqual(['resp_a', 'resp_b', 'resp_c'])
    await store.renew(['resp_a', 'resp_b', 'resp_d'], 8000)
    expect(await abandoned(5001)).toEqual(['resp_c'])
    expect(await abandoned(9000)).toEqual(['resp_a', 'resp_b', 'resp_c'])
  })

  test('forgets what expired and nothing else', async () => {
    const store = await fresh()
    await store.open(record({ expiresAt: 2000 }), segment(0))
    await store.open(record({ id: 'resp_b', expiresAt: 2001 }), segment(0))
    await store.open(record({ id: 'resp_c' }), segment(0))
    expect(await store.sweep(2000)).toBe(1)
    expect(await store.find('one', 'resp_a')).toBeUndefined()
    expect(await store.segments('resp_a', 0)).toEqual([])
    expect(await store.sweep(9_000_000)).toBe(1)
    expect((await store.find('one', 'resp_c'))?.id).toBe('resp_c')
    expect((await store.segments('resp_c', 0)).length).toBe(1)
  })

  test('keeps conversations with their entries in order', async () => {
    const store = await fresh()
    const conversation = { id: 'conv_a', tenant: 'one', createdAt: 1, metadata: { k: 'v' } }
    await store.createConversation(conversation, [{ items: [item('a')] }])
    expect(await store.findConversation('one', 'conv_a')).toEqual(conversation)
    expect(await store.findConversation('two', 'conv_a')).toBeUndefined()
    const turn = { role: 'assistant', parts: [{ kind: 'text', text: 'hi' }] } as const
    await store.open(record({ state: 'ended' }), segment(0), {
      conversation: 'conv_a',
      entries: [{ items: [item('b')] }, { items: [item('c')], turn, response: 'resp_a' }],
    })
    expect(await store.addEntries({ conversation: 'conv_a', entries: [{ items: [item('d')] }] })).toBe(true)
    expect(await store.addEntries({ conversation: 'conv_b', entries: [{ items: [] }] })).toBe(false)
    const entries = await store.entries('conv_a')
    expect(entries.map(({ items }) => items[0]?.id)).toEqual(['a', 'b', 'c', 'd'])
    expect(entries[2]).toEqual({ position: 2, items: [item('c')], turn, response: 'resp_a' })
    await store.replaceEntry('conv_a', 2, { items: [item('e')] })
    await store.replaceEntry('conv_a', 0, undefined)
    const left = await store.entries('conv_a')
    expect(left.map(({ items }) => items[0]?.id)).toEqual(['b', 'e', 'd'])
    expect(left[1]).toEqual({ position: 2, items: [item('e')] })
    expect(await store.updateConversation('two', 'conv_a', {})).toBe(false)
    expect(await store.updateConversation('one', 'conv_a', { k: 'w' })).toBe(true)
    expect((await store.findConversation('one', 'conv_a'))?.metadata).toEqual({ k: 'w' })
    expect(await store.removeConversation('two', 'conv_a')).toBe(false)
    expect(await store.removeConversation('one', 'conv_a')).toBe(true)
    expect(await store.entries('conv_a')).toEqual([])
  })

  test('writes from many sides at once lose nothing', async () => {
    const store = await fresh()
    await store.createConversation({ id: 'conv_a', tenant: 'one', createdAt: 1, metadata: {} }, [])
    await store.open(record())
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        await store.append('resp_a', segment(index))
        await store.addEntries({ conversation: 'conv_a', entries: [{ items: [item(String(index))] }] })
      }),
    )
    expect((await store.segments('resp_a', 0)).length).toBe(40)
    expect(new Set((await store.entries('conv_a')).map(({ position }) => position)).size).toBe(40)
  })
})

test('a file keeps everything for the next process', async () => {
  const path = join(folder, 'kept.db')
  const first = await openSqlite(path)
  await first.open(record(), segment(0))
  await first.close()
  const second = await openSqlite(path)
  opened.push(second)
  expect(await second.find('one', 'resp_a')).toEqual(record())
  expect(await second.segments('resp_a', 0)).toEqual([segment(0)])
})

test('two stores of one process on one file do not wait for each other’s transactions', async () => {
  const path = join(folder, 'shared.db')
  const [one, other] = [await openSqlite(path), await openSqlite(path)]
  await Promise.all([
    one.open(record(), segment(0), undefined),
    other.open(record({ id: 'resp_b' }), segment(0), undefined),
  ])
  await one.close()
  expect((await other.find('one', 'resp_b'))?.id).toBe('resp_b')
  await other.close()
})

test('memory makes room by forgetting the oldest that ended, never one under way', async () => {
  const store = new MemoryStateStore(10_000)
  const big = { first: 0, count: 1, events: 'x'.repeat(6000) }
  await store.open(record(), big)
  await store.open(record({ id: 'resp_b', state: 'ended' }), big)
  await store.open(record({ id: 'resp_c', state: 'ended' }), { ...big, events: 'x'.repeat(1000) })
  expect(await store.find('one', 'resp_a')).toBeDefined()
  expect(await store.find('one', 'resp_b')).toBeUndefined()
  expect(await store.find('one', 'resp_c')).toBeDefined()
})
