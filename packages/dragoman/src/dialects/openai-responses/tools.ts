import type { NoteLog } from '../../core/codec/notes.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { CustomTool, FunctionTool, Tool, ToolChoice, ToolReference } from '../../ir/tool.ts'
import { isObject } from '../../wire/json.ts'
import { Fields, invalid } from './fields.ts'
import { compose, dialect, isDefined, isOwn, ownExtra, present } from './wire.ts'

/**
 * The flat `tools` of openai-node 7.57.0's `ResponseCreateParams`. A function or custom tool that came from this wire
 * always carries extras, perhaps empty ones: they tell the encoder that an absent `strict` was the caller's choice.
 */
export function decodeTool(value: JsonValue, path: string, faults: Fields['faults']): readonly Tool[] {
  if (!isObject(value)) {
    faults.push(invalid(path, 'must be an object'))
    return []
  }
  const fields = new Fields(value, path, faults)
  const type = fields.required('type')
  if (type === 'function') return [decodeFunction(fields)]
  if (type === 'custom') return [decodeCustom(fields)]
  return [{ kind: 'hosted', dialect, type, value }]
}

function decodeFunction(fields: Fields): Tool {
  return present<FunctionTool>({
    kind: 'function',
    name: fields.required('name'),
    description: fields.string('description'),
    parameters: fields.child('parameters')?.object,
    strict: fields.boolean('strict'),
    extra: { [dialect]: fields.rest() },
  })
}

function decodeCustom(fields: Fields): Tool {
  const format = fields.object.format
  const grammar =
    isObject(format) && format.type === 'grammar' ? new Fields(format, fields.at('format')) : undefined
  if (grammar !== undefined) fields.drop('format')
  return present<CustomTool>({
    kind: 'custom',
    name: fields.required('name'),
    description: fields.string('description'),
    grammar: grammar && { syntax: grammar.required('syntax'), definition: grammar.required('definition') },
    extra: { [dialect]: fields.rest() },
  })
}

/** Undefined, with a note, for a tool that another provider runs. */
export function encodeTool(tool: Tool, path: string, notes: NoteLog): JsonObject | undefined {
  notes.foreign(tool, path)
  if (tool.kind === 'hosted') {
    if (tool.dialect === dialect) return { ...tool.value, type: tool.type }
    notes.add(
      'refused',
      path,
      `${tool.type} is run by providers of ${tool.dialect}; Responses has no such tool`,
    )
    return undefined
  }
  if (tool.cache !== undefined)
    notes.add('dropped', `${path}.cache`, 'tools carry no cache markers on this wire')
  return tool.kind === 'function' ? encodeFunction(tool) : encodeCustom(tool)
}

/**
 * Where `strict` is absent the server rewrites the schema to strict if it can. A caller of another dialect did not
 * ask for that, so that `strict: false` is said aloud; the keys `parameters` and `strict` are required by the types.
 */
function encodeFunction(tool: FunctionTool): JsonObject {
  const { name, description, parameters, strict } = tool
  const base = isOwn(tool) ? ownExtra(tool) : { parameters: null, strict: false }
  return compose({ type: 'function' }, base, { name, description, parameters, strict })
}

function encodeCustom(tool: CustomTool): JsonObject {
  const { name, description, grammar } = tool
  const format = grammar && { type: 'grammar', ...grammar }
  return compose({ type: 'custom' }, ownExtra(tool), { name, description, format })
}

const modes: ReadonlySet<string> = new Set(['auto', 'required', 'none'])

function isMode(value: JsonValue | undefined): value is 'auto' | 'required' | 'none' {
  return typeof value === 'string' && modes.has(value)
}

/** All forms of `tool_choice`: a mode, one tool, a hosted tool, or a subset of the list (flat, unlike chat's). */
export function decodeToolChoice(value: JsonValue, faults: Fields['faults']): ToolChoice | undefined {
  if (isMode(value)) return { mode: value }
  if (!isObject(value)) {
    faults.push(invalid('tool_choice', 'must be "none", "auto", "required" or an object'))
    return undefined
  }
  if (value.type !== 'allowed_tools') {
    const tool = decodeReference(value, 'tool_choice', faults)
    return tool && { mode: 'tool', tool }
  }
  const fields = new Fields(value, 'tool_choice', faults)
  fields.drop('type')
  const mode = fields.required('mode')
  if (!isMode(mode)) {
    if (mode !== '') faults.push(invalid('tool_choice.mode', 'must be "auto" or "required"'))
    return undefined
  }
  const allowed = (fields.list('tools') ?? []).flatMap(
    (reference, index) => decodeReference(reference, `tool_choice.tools[${index}]`, faults) ?? [],
  )
  return present<ToolChoice>({ mode, allowed, extra: fields.extra() })
}

function decodeReference(
  value: JsonValue,
  path: string,
  faults: Fields['faults'],
): ToolReference | undefined {
  if (!isObject(value)) {
    faults.push(invalid(path, 'must be an object'))
    return undefined
  }
  const fields = new Fields(value, path, faults)
  const type = fields.required('type')
  if (type !== 'function' && type !== 'custom') {
    return { kind: 'hosted', name: type, extra: { [dialect]: fields.rest() } }
  }
  return present<ToolReference>({ kind: type, name: fields.required('name'), extra: fields.extra() })
}

export function encodeToolChoice(choice: ToolChoice, notes: NoteLog): JsonValue | undefined {
  notes.foreign(choice, 'toolChoice')
  if (choice.mode === 'tool') return encodeReference(choice.tool, 'toolChoice.tool', notes)
  if (choice.allowed === undefined) return choice.mode
  const tools = choice.allowed
    .map((reference, index) => encodeReference(reference, `toolChoice.allowed[${index}]`, notes))
    .filter(isDefined)
  if (choice.mode === 'none') {
    notes.add('dropped', 'toolChoice.allowed', 'no tool may be called, so that the subset says nothing')
    return 'none'
  }
  return { type: 'allowed_tools', ...ownExtra(choice), mode: choice.mode, tools }
}

function encodeReference(reference: ToolReference, path: string, notes: NoteLog): JsonObject | undefined {
  notes.foreign(reference, path)
  const { kind, name } = reference
  if (kind !== 'hosted') return { type: kind, ...ownExtra(reference), name }
  if (isOwn(reference)) return { type: name, ...ownExtra(reference) }
  notes.add('refused', path, `${name} is run by providers of another dialect; Responses has no such tool`)
  return undefined
}
