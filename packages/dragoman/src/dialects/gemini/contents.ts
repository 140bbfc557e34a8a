import { mergeExtra } from '../../ir/extra.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Part } from '../../ir/part.ts'
import type { GenerateRequest, Turn } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { idsInTurn, WaitingCalls } from './call-id.ts'
import { Fields, objects, text } from './fields.ts'
import { decodePart } from './part-decode.ts'
import { encodePart } from './part-encode.ts'
import type { CallNames } from './tool-result.ts'
import { defined, type Notes, ownExtra, withExtra, withMark } from './wire.ts'

/** The role as the wire had it, where it was another word than the usual one; null where it had none. */
const roleMark = '$role'
/** The turn stood in one content with the turn before it. */
const joinedMark = '$joined'
/** The turn was a content of its own, although the one before it had the same role. */
const apartMark = '$apart'

type Kind = 'user' | 'tool' | 'assistant'

/** SDK 3.1.0 `Content.role`; Vertex takes `function` and `tool` for results. Nobody's word for it is `assistant` (trap 28). */
const sides: { readonly [role: string]: 'user' | 'model' } = {
  '': 'user',
  user: 'user',
  function: 'user',
  tool: 'user',
  model: 'model',
}

/** Parts in runs of one kind of turn: results of functions are turns of their own. */
function inRuns(parts: readonly Part[], isModel: boolean): readonly (readonly [Kind, readonly Part[]])[] {
  if (isModel) return [['assistant', parts]]
  const runs: [Kind, Part[]][] = []
  for (const part of parts) {
    const kind = part.kind === 'tool-result' ? 'tool' : 'user'
    const last = runs.at(-1)
    if (last?.[0] === kind) last[1].push(part)
    else runs.push([kind, [part]])
  }
  return runs.length === 0 ? [['user', []]] : runs
}

function decodeContent(
  wire: JsonObject,
  index: number,
  faults: Fault[],
  waiting: WaitingCalls,
): readonly Turn[] {
  const path = `contents[${index}]`
  const fields = new Fields(wire, path, faults)
  const role = fields.want('role', text)
  const side = Object.hasOwn(sides, role ?? '') ? sides[role ?? ''] : undefined
  if (side === undefined) fields.fail('role', 'please use a valid role: user, model')
  const context = { waiting, deriveId: idsInTurn(index) }
  const parts = (fields.want('parts', objects) ?? []).map((part, position) =>
    decodePart(part, `${path}.parts[${position}]`, faults, context),
  )
  const isUsual = role === side
  const extra = withMark(fields.extra(), roleMark, isUsual ? undefined : (role ?? null))
  return inRuns(parts, side === 'model').map(([kind, run], at) => ({
    role: kind,
    parts: run,
    ...(at === 0 ? (extra === undefined ? {} : { extra }) : { extra: { gemini: { [joinedMark]: true } } }),
  }))
}

/**
 * `contents` to turns; two contents of the user in a row stay two. Those of the model join: the official client keeps the
 * chunks of a stream as contents of their own (SDK 3.1.0 `Chat`), words cut anywhere.
 */
export function decodeContents(fields: Fields): readonly Turn[] {
  const waiting = new WaitingCalls()
  const wire = fields.need('contents', objects, [])
  const turns: Turn[] = []
  for (const [index, content] of wire.entries()) {
    const [first, ...rest] = decodeContent(content, index, fields.faults, waiting)
    if (first === undefined) continue
    const last = turns.at(-1)
    if (last?.role === 'assistant' && first.role === 'assistant')
      turns[turns.length - 1] = joinTurns(last, first)
    else if (last?.role !== first.role) turns.push(first)
    else turns.push(defined({ ...first, extra: withMark(first.extra, apartMark, true) }))
    turns.push(...rest)
  }
  return turns
}

function joinTurns(first: Turn, second: Turn): Turn {
  const [next, ...rest] = second.parts
  const last = first.parts.at(-1)
  const joined = next === undefined ? undefined : joinTexts(last, next)
  const parts =
    joined === undefined ? [...first.parts, ...second.parts] : [...first.parts.slice(0, -1), joined, ...rest]
  return defined({ ...first, parts, extra: mergeExtra(first.extra, second.extra) })
}

/** Two texts as one, as a stream of them is read: unless the first is signed, or the second has more to it. */
function joinTexts(first: Part | undefined, second: Part): Part | undefined {
  if (first === undefined || first.kind !== second.kind || first.opaque !== undefined) return undefined
  if (first.kind === 'text' && second.kind === 'text') {
    const isBare = first.extra === undefined && second.extra === undefined
    if (!isBare || (second.opaque !== undefined && second.text !== '')) return undefined
    return { ...first, ...second, text: first.text + second.text }
  }
  if (first.kind !== 'thinking' || second.kind !== 'thinking' || second.opaque !== undefined) return undefined
  return { ...first, text: first.text + second.text }
}

/** `systemInstruction`: a content, whose role says nothing; plain text is taken for one. */
export function decodeInstructions(fields: Fields): readonly Part[] | undefined {
  const wire = fields.peek('systemInstruction')
  if (wire === undefined || wire === null) return undefined
  if (typeof wire === 'string') {
    fields.take('systemInstruction', text)
    return [{ kind: 'text', text: wire }]
  }
  const [content = {}] = fields.want('systemInstruction', objects) ?? []
  const inner = fields.inside('systemInstruction', content)
  const context = { waiting: new WaitingCalls(), deriveId: idsInTurn(-1) }
  const parts = (inner.want('parts', objects) ?? []).map((part, index) =>
    decodePart(part, `${inner.pathOf('parts')}[${index}]`, fields.faults, context),
  )
  // `{}` and no parts are the same to proto3.
  if (inner.hasRest) fields.keepRest('systemInstruction', inner)
  return parts
}

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
    const isOwn = 'dialect' in part && part.dialect === 'gemini'
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
