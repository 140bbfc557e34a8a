import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileState, type Watching, watchConfig } from '../../src/config/watch.ts'

const folder = mkdtempSync(join(tmpdir(), 'dragoman-watch-'))
const open: Watching[] = []
afterAll(() => {
  for (const watching of open) watching.close()
  rmSync(folder, { recursive: true })
})

/** Watches a file and hands out its states one by one. */
function follow(path: string, known = 'one') {
  const states: FileState[] = []
  const waiting: ((state: FileState) => void)[] = []
  const watching = watchConfig(path, known, state => {
    const next = waiting.shift()
    if (next === undefined) states.push(state)
    else next(state)
  })
  open.push(watching)
  return {
    watching,
    next: () =>
      new Promise<FileState>(resolve => {
        const state = states.shift()
        if (state === undefined) waiting.push(resolve)
        else resolve(state)
      }),
  }
}

function place(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('a watched file', () => {
  test('written in place, it is read again', async () => {
    const path = place('in-place.yaml', 'one')
    const { next } = follow(path)
    writeFileSync(path, 'two')
    expect(await next()).toEqual({ ok: true, text: 'two' })
  })

  test('replaced as editors do, it is read again, and again', async () => {
    const path = place('replaced.yaml', 'one')
    const { next } = follow(path)
    renameSync(place('replaced.tmp', 'two'), path)
    expect(await next()).toEqual({ ok: true, text: 'two' })
    renameSync(place('replaced.tmp', 'three'), path)
    expect(await next()).toEqual({ ok: true, text: 'three' })
  })

  test('swapped through a link as mounted volumes do, it is read again', async () => {
    const path = join(folder, 'linked.yaml')
    symlinkSync(place('linked-1', 'one'), path)
    const { next } = follow(path)
    symlinkSync(place('linked-2', 'two'), join(folder, 'linked.tmp'))
    renameSync(join(folder, 'linked.tmp'), path)
    expect(await next()).toEqual({ ok: true, text: 'two' })
  })

  test('gone, it says so, and comes back', async () => {
    const path = place('gone.yaml', 'one')
    const { next } = follow(path)
    rmSync(path)
    expect(await next()).toEqual({ ok: false, reason: 'the file is gone' })
    writeFileSync(path, 'two')
    expect(await next()).toEqual({ ok: true, text: 'two' })
  })

  test('changed before it was watched, it is read again', async () => {
    const { next } = follow(place('before.yaml', 'two'))
    expect(await next()).toEqual({ ok: true, text: 'two' })
  })

  test('asked to, it is read even where nothing changed', async () => {
    const path = place('asked.yaml', 'one')
    const { watching, next } = follow(path)
    watching.check()
    expect(await next()).toEqual({ ok: true, text: 'one' })
  })

  test('neighbours and a write of the same text are not changes', async () => {
    const path = place('quiet.yaml', 'one')
    const { next } = follow(path)
    place('neighbour.yaml', 'noise')
    writeFileSync(path, 'one')
    writeFileSync(path, 'two')
    // The first thing told is the real change.
    expect(await next()).toEqual({ ok: true, text: 'two' })
  })
})
