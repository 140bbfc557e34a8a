import type { Notes } from '../../core/codec/notes.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Part } from '../../ir/part.ts'
import type { GenerateRequest, Turn } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { encodePart } from './part-encode.ts'
import type { CallNames } from './tool-result.ts'
import { apartMark, joinedMark, type Kind, roleMark } from './turn-marks.ts'
import { dialect, ownExtra, withExtra } from './wire.ts'

/** A content being written, and whose it is. */
interface Draft {
  readonly kind: Kind
  readonly role: JsonValue
  /** The wire had no role here and gets none. */
  readonly isSilent: boolean
  readonly parts: readonly RankedPart[]
  readonly extra: JsonObject | undefined
}

const isSystem = (turn: Turn): boolean => turn.role === 'system' || turn.role === 'developer'

/**
 * The turns as `systemInstruction` and `contents`. Leading system and developer turns join the instructions, a part each;
 * turns of one role in a row become one content, results of functions in the order of their calls (trap 9).
 */
export function encodeContents(
  request: GenerateRequest,
  notes: Notes,
): { readonly systemInstruction: JsonObject | undefined; readonly contents: readonly JsonObject[] } {
  const { turns, instructions } = request
  const firstOther = turns.findIndex(turn => !isSystem(turn))
  const leading = firstOther < 0 ? turns.length : firstOther
  const system = encodeSystem(instructions ?? [], 'instructions', notes)
  const calls = callsOf(turns)
  const drafts: Draft[] = []
  for (const [index, turn] of turns.entries()) {
    const path = `turns[${index}]`
    noteTurn(turn, path, notes)
    if (index < leading) system.push(...encodeSystem(turn.parts, `${path}.parts`, notes))
    else addDraft(drafts, encodeTurn(turn, path, calls, notes), turn, path, notes)
  }
  if (drafts.length === 0) notes.add('refused', 'turns', 'at least one content is required here')
  const isSaid = system.length > 0 || instructions?.length === 0
  const kept = ownExtra(request)?.systemInstruction
  const systemInstruction = isSaid
    ? withExtra({ parts: system }, isObject(kept) ? kept : undefined)
    : undefined
  return { systemInstruction, contents: drafts.map(writeDraft) }
}

function writeDraft({ role, isSilent, parts, extra }: Draft): JsonObject {
  const written = inCallOrder(parts)
  return withExtra(isSilent ? { parts: written } : { role, parts: written }, extra)
}

function noteTurn(turn: Turn, path: string, notes: Notes): void {
  notes.foreign(turn, path)
  if (turn.name !== undefined) notes.add('dropped', `${path}.name`, 'participants have no names here')
  if (turn.items?.some(item => item.phase !== undefined)) {
    notes.add('dropped', `${path}.items`, 'contents have no phase here')
  }
}

function encodeSystem(parts: readonly Part[], path: string, notes: Notes): JsonObject[] {
  const written: JsonObject[] = []
  for (const [index, part] of parts.entries()) {
    const wire = encodePart(part, `${path}[${index}]`, 'request', notes)
    if (wire === undefined) continue
    // What this wire itself said there it may say again.
    const isOwn = 'dialect' in part && part.dialect === dialect
    if (part.kind === 'text' || part.kind === 'refusal' || isOwn) written.push(wire)
    else notes.add('refused', `${path}[${index}]`, 'the system instruction is text only here')
  }
  return written
}

interface Calls {
  readonly names: CallNames
  /** Calls by id, counted as they were made. */
  readonly order: ReadonlyMap<string, number>
}

function callsOf(turns: readonly Turn[]): Calls {
  const names = new Map<string, string>()
  const order = new Map<string, number>()
  for (const { parts } of turns) {
    for (const part of parts) {
      if (part.kind !== 'tool-call') continue
      names.set(part.id, part.name)
      if (!order.has(part.id)) order.set(part.id, order.size)
    }
  }
  return { names, order }
}

/** A written part, and for the result of a function where its call stands; -1 for any other part. */
interface RankedPart {
  readonly wire: JsonObject
  readonly rank: number
}

function encodeTurn(turn: Turn, path: string, calls: Calls, notes: Notes): readonly RankedPart[] {
  if (isSystem(turn)) {
    notes.add('approximated', path, `a ${turn.role} turn between others is said as the user here`)
  }
  return turn.parts.flatMap((part, index) => {
    const wire = encodePart(part, `${path}.parts[${index}]`, 'request', notes, calls.names)
    const rank = part.kind === 'tool-result' ? (calls.order.get(part.callId) ?? calls.order.size) : -1
    return wire === undefined ? [] : [{ wire, rank }]
  })
}

const kindOf = ({ role }: Turn): Kind => (role === 'assistant' || role === 'tool' ? role : 'user')

function addDraft(
  drafts: Draft[],
  parts: readonly RankedPart[],
  turn: Turn,
  path: string,
  notes: Notes,
): void {
  if (parts.length === 0) {
    notes.add('dropped', path, 'a content that says nothing is not accepted here')
    return
  }
  const kind = kindOf(turn)
  const extra = ownExtra(turn)
  const last = drafts.at(-1)
  const joins = extra?.[joinedMark] === true || (last?.kind === kind && extra?.[apartMark] !== true)
  if (last !== undefined && joins) {
    drafts[drafts.length - 1] = {
      ...last,
      kind,
      parts: [...last.parts, ...parts],
      extra: last.extra ?? extra,
    }
    return
  }
  const marked = extra?.[roleMark]
  drafts.push({
    kind,
    role: marked ?? (kind === 'assistant' ? 'model' : 'user'),
    isSilent: marked === null,
    parts,
    extra,
  })
}

/** Results in the order of their calls (card 5.1), where nothing else stands between them. */
function inCallOrder(parts: readonly RankedPart[]): readonly JsonObject[] {
  const areResults = parts.every(({ rank }) => rank >= 0)
  const sorted = areResults ? parts.toSorted((one, other) => one.rank - other.rank) : parts
  return sorted.map(({ wire }) => wire)
}
