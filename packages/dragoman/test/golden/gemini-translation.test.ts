import { describe, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { listWireFiles, readRequest, readWire, readWireError } from '@dragoman/fixtures'
import type { Dialect, Render } from '../../src/core/dialect.ts'
import { findDialect } from '../../src/dialects/registry.ts'
import type { Event } from '../../src/ir/event.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { Note } from '../../src/ir/note.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { createSseParser } from '../../src/wire/sse.ts'

/** A dialect that fixtures are kept for. */
type Wire = Parameters<typeof readWire>[0]

// What the codecs alone make of each conversation, to Gemini's wire and from it, with every note they take: what
// adaptations do besides is the matrix's.

const others: readonly Wire[] = ['openai-chat', 'openai-responses', 'anthropic-messages']
const all = [...others, 'gemini'] as const // literals

const root = fileURLToPath(new URL('./gemini/', import.meta.url))

/** The golden text; `UPDATE_GOLDEN=1` writes what was seen instead, for somebody to read. */
function golden(name: string, seen: string): string {
  const path = `${root}${name}.txt`
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(root, { recursive: true })
    writeFileSync(path, seen)
  }
  return readFileSync(path, 'utf8')
}

function dialectOf(id: Wire): Dialect {
  const dialect = findDialect(id)
  if (dialect === undefined) throw new Error(`no ${id}`)
  return dialect
}

const ways = others.flatMap(
  other =>
    [
      [other, 'gemini'],
      ['gemini', other],
    ] as const,
)

const told = (to: Dialect, notes: readonly Note[]): readonly string[] =>
  notes.map(note => `note: ${note.kind} ${to.pathOf(note.path)}: ${note.reason}\n`)

const pretty = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

/** Named as the plan names it for the target. */
const request: GenerateRequest = {
  model: 'asked',
  turns: [],
  sampling: {},
  hints: {},
  stream: true,
  streamUsage: true,
}
const render: Render = { id: 'call1', created: 1_795_392_000, request }

function translateRequest(from: Dialect, to: Dialect, name: string): string {
  const wire = readRequest(from.id as Wire, name) // a dialect of the fixtures
  const decoded = from.decodeRequest(wire)
  if (!decoded.ok) return `fault: ${decoded.fault.message}\n`
  const { value, notes } = to.encodeRequest({ ...decoded.value, model: 'target' })
  return pretty(value) + told(from, notes).join('')
}

function translateWhole(from: Dialect, to: Dialect, file: string): string {
  const decoded = from.decodeReply(JSON.parse(readWire(from.id as Wire, file))) // a dialect of the fixtures
  if (!decoded.ok) return `fault: ${decoded.fault.message}\n`
  const { value, notes } = to.encodeReply(decoded.value, render)
  return pretty(value) + told(to, notes).join('')
}

function translateStream(from: Dialect, to: Dialect, file: string): string {
  const parser = createSseParser()
  const decoder = from.decodeStream()
  const events: Event[] = []
  const bytes = new TextEncoder().encode(readWire(from.id as Wire, file)) // a dialect of the fixtures
  for (const frame of [...parser.push(bytes), ...parser.end()]) decoder.push(frame, events)
  decoder.end(events)
  expect(checkEvents(events)).toEqual([])
  const encoder = to.encodeStream(render)
  const text = events.map(event => encoder.push(event)).join('')
  return text + told(to, encoder.notes).join('')
}

const titled = (from: Wire, to: Wire, what: string, text: string): string =>
  `=== ${what}: ${from} -> ${to}\n${text}\n`

function translate(file: string): string {
  let text = ''
  for (const [from, to] of ways) {
    if (!listWireFiles(from).includes(file)) continue
    const [name = '', what = '', form] = file.split('.')
    const [one, other] = [dialectOf(from), dialectOf(to)]
    if (what === 'request') text += titled(from, to, what, translateRequest(one, other, name))
    else if (form === 'sse') text += titled(from, to, 'stream', translateStream(one, other, file))
    else text += titled(from, to, 'answer', translateWhole(one, other, file))
  }
  return text
}

const conversations = [
  ...['blocked', 'candidate', 'candidates', 'citations', 'error-after', 'error-during', 'image', 'refusal'],
  ...['structured', 'structured-tools', 'text', 'thinking', 'tools', 'web-search'],
]
const translated = [...new Set(all.flatMap(listWireFiles))]
  .filter(file => !file.includes('.error.') && conversations.includes(file.split('.')[0] ?? ''))
  .sort()

describe('each conversation, to this wire and from it', () => {
  test.each(translated)('%s', file => {
    const seen = translate(file)
    expect(seen).toBe(golden(file, seen))
  })
})

describe('each error', () => {
  const errors = listWireFiles('gemini').filter(file => file.includes('.error.'))
  test.each(errors)('%s', file => {
    let seen = ''
    for (const [from, to] of ways) {
      const { status, headers, body } = readWireError(from, file)
      const text = JSON.stringify(body)
      const fault = dialectOf(from).decodeError({ status, headers: new Headers(headers), body: text })
      const rendering = dialectOf(to).encodeError(fault, 'req1')
      seen += titled(from, to, 'error', pretty(rendering))
    }
    expect(seen).toBe(golden(file, seen))
  })
})

describe('back and forth on this wire', () => {
  const gemini = dialectOf('gemini')
  test.each(listWireFiles('gemini').filter(file => file.endsWith('.request.json')))('%s', file => {
    const wire = JSON.parse(readWire('gemini', file))
    const decoded = gemini.decodeRequest({ ...wire, model: 'm', stream: false })
    if (!decoded.ok) throw new Error(decoded.fault.message)
    expect(gemini.encodeRequest(decoded.value)).toEqual({ value: { model: 'm', ...wire }, notes: [] })
  })

  test.each(listWireFiles('gemini').filter(file => file.endsWith('.answer.json')))('%s', file => {
    const wire = JSON.parse(readWire('gemini', file))
    const decoded = gemini.decodeReply(wire)
    if (!decoded.ok) throw new Error(decoded.fault.message)
    expect(gemini.encodeReply(decoded.value, render)).toEqual({ value: wire, notes: [] })
  })
})
