import { isObject, type JsonObject, type JsonValue } from './json.ts'
import { createKeyTest, OPEN_OBJECT, scanValue, startOfDocument, trimEnd } from './json-scan.ts'

/** A change to JSON bytes at a shallow path of object keys. `set` replaces or inserts, `delete` removes where present. */
export type WireEdit =
  | { readonly operation: 'set'; readonly path: readonly string[]; readonly value: JsonValue }
  | { readonly operation: 'delete'; readonly path: readonly string[] }

/** A range of bytes, end exclusive. */
export interface ByteSpan {
  readonly start: number
  readonly end: number
}

/**
 * Applies the edits, in order, to the bytes of a JSON object without parsing the rest: every byte outside an edited
 * value stays as it was. A new member goes to the end of its object. Parents that are absent, or are no objects, are
 * made objects by `set`; `delete` leaves them alone. Keys are found however they are escaped; of duplicate keys `set`
 * means the last, as `JSON.parse` does, and `delete` all.
 *
 * The bytes must be what `parseJson` accepted. Where nothing changes, or the outermost value is no object, the same
 * bytes are returned.
 */
export function splice(bytes: Uint8Array, edits: readonly WireEdit[]): Uint8Array {
  const start = startOfDocument(bytes)
  if (bytes[start] !== OPEN_OBJECT) return bytes
  const changes: Changes = new Map()
  for (const edit of edits) addEdit(changes, edit)
  const patches: Patch[] = []
  patchObject(bytes, start, changes, patches)
  return patches.length === 0 ? bytes : applyPatches(bytes, patches)
}

/** Where the value at this path of object keys stands, if it does. The empty path is the whole value. */
export function locate(bytes: Uint8Array, path: readonly string[]): ByteSpan | undefined {
  const start = startOfDocument(bytes)
  let span: ByteSpan = { start, end: trimEnd(bytes, start, bytes.length) }
  for (const key of path) {
    if (bytes[span.start] !== OPEN_OBJECT) return undefined
    const isKeyOf = createKeyTest(key)
    const member = scanValue(bytes, span.start).members.findLast(one => isKeyOf(bytes, one))
    if (member === undefined) return undefined
    span = { start: member.start, end: member.end }
  }
  return span
}

/**
 * What becomes of one member; edits below it that leave the rest of it alone are `inside`. A member that was set and
 * then deleted is gone, but its parents were made.
 */
type Change =
  | { readonly kind: 'set'; readonly value: JsonValue }
  | { readonly kind: 'delete'; readonly makesParents: boolean }
  | { readonly kind: 'inside'; readonly changes: Changes }

type Changes = Map<string, Change>

interface Patch extends ByteSpan {
  readonly text: string
}

/** Later edits meet earlier ones here, so that the bytes are walked and copied once. */
function addEdit(changes: Changes, edit: WireEdit): void {
  const [key, ...rest] = edit.path
  if (key === undefined) return
  const known = changes.get(key)
  if (rest.length === 0) {
    const makesParents = known !== undefined && isMade(known)
    const isSet = edit.operation === 'set'
    changes.set(key, isSet ? { kind: 'set', value: edit.value } : { kind: 'delete', makesParents })
  } else if (known === undefined || known.kind === 'inside') {
    const inside = known?.changes ?? new Map()
    addEdit(inside, { ...edit, path: rest })
    changes.set(key, { kind: 'inside', changes: inside })
  } else {
    const before = known.kind === 'set' ? known.value : undefined
    const value = editValue(before, { ...edit, path: rest })
    if (value !== undefined) changes.set(key, { kind: 'set', value })
  }
}

/** The edit on a parsed value. */
function editValue(value: JsonValue | undefined, edit: WireEdit): JsonValue | undefined {
  const [key, ...rest] = edit.path
  if (key === undefined) return edit.operation === 'set' ? edit.value : undefined
  if (edit.operation === 'delete' && !(isObject(value) && Object.hasOwn(value, key))) return value
  const { [key]: before, ...others }: JsonObject = isObject(value) ? value : {}
  const after = editValue(before, { ...edit, path: rest })
  if (after === undefined) return others
  return isObject(value) ? { ...value, [key]: after } : { [key]: after }
}

function patchObject(bytes: Uint8Array, start: number, changes: Changes, patches: Patch[]): void {
  const { members } = scanValue(bytes, start)
  const wanted = [...changes].map(([key, change]) => ({ key, change, isKeyOf: createKeyTest(key) }))
  const found = members.map(member => wanted.find(one => one.isKeyOf(bytes, member)))
  const isKept = found.map(one => one?.change.kind !== 'delete')
  const lastKept = isKept.lastIndexOf(true)
  for (const [index, member] of members.entries()) {
    if (index > lastKept) break
    const one = found[index]
    if (!isKept[index]) {
      // With the comma after it and the white space up to the next key.
      patches.push({ start: member.keyStart, end: members[index + 1]?.keyStart ?? member.end, text: '' })
    } else if (one !== undefined && found.lastIndexOf(one) === index) {
      patchValue(bytes, member, one.change, patches)
    }
  }
  const added = wanted
    .filter(one => !found.includes(one))
    .flatMap(one => memberText(one.key, madeValue(one.change)))
    .join(',')
  // The end of the object in one patch: what is deleted after the last kept member, and what is new.
  const from = members[lastKept]?.end ?? members[0]?.keyStart ?? start + 1
  const to = Math.max(from, members.at(-1)?.end ?? from)
  const text = added !== '' && lastKept >= 0 ? `,${added}` : added
  if (to > from || text !== '') patches.push({ start: from, end: to, text })
}

function patchValue(bytes: Uint8Array, span: ByteSpan, change: Change, patches: Patch[]): void {
  if (change.kind === 'inside' && bytes[span.start] === OPEN_OBJECT) {
    patchObject(bytes, span.start, change.changes, patches)
    return
  }
  const value = madeValue(change)
  if (value !== undefined) patches.push({ start: span.start, end: span.end, text: JSON.stringify(value) })
}

/** What a change makes of a member that is absent or no object. */
function madeValue(change: Change): JsonValue | undefined {
  if (change.kind === 'set') return change.value
  if (change.kind === 'delete' || !isMade(change)) return undefined
  const members = [...change.changes].map(([key, inner]) => [key, madeValue(inner)] as const)
  return Object.fromEntries(members.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}

function isMade(change: Change): boolean {
  if (change.kind === 'inside') return [...change.changes.values()].some(isMade)
  return change.kind === 'set' || change.makesParents
}

function memberText(key: string, value: JsonValue | undefined): readonly string[] {
  return value === undefined ? [] : [`${JSON.stringify(key)}:${JSON.stringify(value)}`]
}

const encoder = new TextEncoder()

function applyPatches(bytes: Uint8Array, patches: readonly Patch[]): Uint8Array {
  const pieces: Uint8Array[] = []
  let at = 0
  for (const patch of patches) {
    pieces.push(bytes.subarray(at, patch.start), encoder.encode(patch.text))
    at = patch.end
  }
  pieces.push(bytes.subarray(at))
  const spliced = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let length = 0
  for (const piece of pieces) {
    spliced.set(piece, length)
    length += piece.length
  }
  return spliced
}
