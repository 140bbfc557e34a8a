import type { Notes, Side } from '../../core/codec/notes.ts'
import { parseInput, wrapFreeText, wrapInvalid } from '../../core/codec/tool-input.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Opaque } from '../../ir/opaque.ts'
import type { ToolCallPart } from '../../ir/part.ts'
import { type DeriveId, isDerived } from './call-id.ts'
import { type Fields, object, text } from './fields.ts'
import { dialect, ownExtra, withMark } from './wire.ts'

/** Which fields the wire left out and the model fills in: they are left out again. */
const absentMark = '$absent'

/** State that only the maker of this wire can read. An empty signature signs nothing. */
export function decodeSignature(fields: Fields): Opaque | undefined {
  const data = fields.take('thoughtSignature', text)
  return data === undefined || data === '' ? undefined : { form: 'signature', data, dialect }
}

/**
 * `functionCall` (SDK 3.1.0). The id is optional and absent from all recordings; `args` is absent where there are none
 * (trap 49).
 */
export function decodeCall(fields: Fields, deriveId: DeriveId): ToolCallPart {
  const inner = fields.inside('functionCall', fields.need('functionCall', object, {}))
  const name = inner.take('name', text) ?? ''
  const args = inner.want('args', object)
  const id = inner.take('id', text)
  fields.keepRest('functionCall', inner)
  const written = JSON.stringify(args ?? {})
  const opaque = decodeSignature(fields)
  const part = {
    kind: 'tool-call',
    type: 'function',
    id: id === undefined || id === '' ? deriveId(name, written) : id,
    name,
    arguments: written,
    opaque,
  } as const // the kinds are literals
  return defined({ ...part, extra: markAbsent(fields, id, args) })
}

function markAbsent(fields: Fields, id: string | undefined, args: JsonObject | undefined) {
  const absent = [...(id === undefined ? ['id'] : []), ...(args === undefined ? ['args'] : [])]
  return withMark(fields.extra(), absentMark, absent.length === 0 ? undefined : absent)
}

/** Which fields of a call or a result this wire itself left out. */
export function absentOf(part: ToolCallPart): readonly unknown[] {
  const absent = ownExtra(part)?.[absentMark]
  return isList(absent) ? absent : []
}

/** Whether an id may be written: the wire never saw those that stand in for missing ones. */
export function isOwnId(id: string): boolean {
  return id !== '' && !isDerived(id)
}

/** A call as the one data field of a part. Another dialect's id is written: this wire has a place for it. */
export function encodeCall(part: ToolCallPart, path: string, side: Side, notes: Notes): JsonObject {
  const args = encodeArguments(part, path, side, notes)
  const isBare = Object.keys(args).length === 0 && absentOf(part).includes('args')
  return {
    functionCall: defined({
      id: isOwnId(part.id) ? part.id : undefined,
      name: part.name,
      args: isBare ? undefined : args,
    }),
  }
}

function encodeArguments(part: ToolCallPart, path: string, side: Side, notes: Notes): JsonObject {
  if (part.type === 'custom') {
    notes.add('emulated', path, 'free text is the only property of an argument object here')
    return wrapFreeText(part.arguments)
  }
  const args = parseInput(part.arguments)
  if (args !== undefined) return args
  const kind = side === 'request' ? 'refused' : 'approximated'
  notes.add(kind, `${path}.arguments`, `the arguments of ${part.id} are not a JSON object`)
  return wrapInvalid(part.arguments)
}
