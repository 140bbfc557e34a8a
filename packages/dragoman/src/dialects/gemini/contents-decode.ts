import { defined } from '../../core/codec/values.ts'
import { mergeExtra } from '../../ir/extra.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Part } from '../../ir/part.ts'
import type { Turn } from '../../ir/request.ts'
import { idsInTurn, WaitingCalls } from './call-id.ts'
import { Fields, objects, text } from './fields.ts'
import { decodePart } from './part-decode.ts'
import { apartMark, joinedMark, type Kind, roleMark } from './turn-marks.ts'
import { withMark } from './wire.ts'

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
