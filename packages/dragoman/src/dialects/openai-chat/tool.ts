import type { NoteLog } from '../../core/codec/notes.ts'
import { pathTo, type Reading } from '../../core/codec/reading.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Tool, ToolChoice, ToolReference } from '../../ir/tool.ts'
import { isObject } from '../../wire/json.ts'
import { noteMarker } from './losses.ts'
import { carriedBy, carry, type Draft, dialect, form, formOf, putBack, restOf } from './wire.ts'

const toolFields = new Set(['type', 'function', 'custom'])
const functionFields = new Set(['name', 'description', 'parameters', 'strict'])
const customFields = new Set(['name', 'description'])

/** `rest` of a tool, with what is left of the object inside it under that object's key. */
function carryTool(wire: JsonObject, key: string, inside: JsonObject) {
  const rest = restOf(wire, toolFields)
  return carry(Object.keys(inside).length === 0 ? rest : { ...rest, [key]: inside })
}

/** The entries of `tools`: functions, custom tools, and whatever else a host runs by itself. */
export function decodeTools(reading: Reading, list: readonly JsonValue[]): readonly Tool[] {
  return reading.objects(list, 'tools').map(([wire, path]) => {
    const type = reading.required(wire, 'type', 'string', path) ?? 'function'
    if (type === 'function') return decodeFunctionTool(reading, wire, path)
    if (type === 'custom') return decodeCustomTool(reading, wire, path)
    return { kind: 'hosted', dialect, type, value: wire }
  })
}

function decodeFunctionTool(reading: Reading, wire: JsonObject, path: string): Tool {
  const body = reading.required(wire, 'function', 'object', path) ?? {}
  return {
    ...functionOf(reading, body, `${path}.function`),
    ...carryTool(wire, 'function', restOf(body, functionFields)),
  }
}

function functionOf(reading: Reading, body: JsonObject, path: string) {
  return {
    kind: 'function' as const,
    name: reading.required(body, 'name', 'string', path) ?? '',
    ...defined({
      description: reading.field(body, 'description', 'string', path),
      parameters: reading.field(body, 'parameters', 'object', path),
      strict: reading.field(body, 'strict', 'boolean', path),
    }),
  }
}

/** A grammar of a custom tool stands two levels deep: `custom.format.grammar`. */
function decodeCustomTool(reading: Reading, wire: JsonObject, path: string): Tool {
  const body = reading.required(wire, 'custom', 'object', path) ?? {}
  const at = `${path}.custom`
  const format = reading.field(body, 'format', 'object', at)
  const grammar =
    format?.type === 'grammar' ? reading.required(format, 'grammar', 'object', `${at}.format`) : undefined
  const inside: Draft = { ...restOf(body, customFields) }
  if (grammar !== undefined) delete inside.format
  return {
    kind: 'custom',
    name: reading.required(body, 'name', 'string', at) ?? '',
    ...defined({
      description: reading.field(body, 'description', 'string', at),
      grammar: grammar && {
        syntax: reading.required(grammar, 'syntax', 'string', `${at}.format.grammar`) ?? '',
        definition: reading.required(grammar, 'definition', 'string', `${at}.format.grammar`) ?? '',
      },
    }),
    ...carryTool(wire, 'custom', inside),
  }
}

/** The deprecated `functions`, which are bare function bodies. */
export function decodeFunctions(reading: Reading, list: readonly JsonValue[]): readonly Tool[] {
  return reading.objects(list, 'functions').map(([body, path]) => ({
    ...functionOf(reading, body, path),
    ...carry({ ...restOf(body, functionFields), [form]: 'functions' }),
  }))
}

/** Tools as `tools` and `functions`; a tool of another dialect's provider is refused, because nobody would run it. */
export function encodeTools(
  tools: readonly Tool[],
  notes: NoteLog,
): { tools?: JsonValue; functions?: JsonValue } {
  const modern: JsonObject[] = []
  const deprecated: JsonObject[] = []
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    notes.foreign(tool, path)
    if (tool.kind === 'hosted') {
      if (tool.dialect === dialect) modern.push(tool.value)
      else
        notes.add(
          'refused',
          path,
          `Chat completions has no tool ${tool.type}, which ${tool.dialect} providers run.`,
        )
      continue
    }
    if (tool.cache !== undefined) noteMarker(`${path}.cache`, notes)
    if (formOf(tool) === 'functions') deprecated.push(putBack(bodyOf(tool), carriedBy(tool)))
    else modern.push(putBack({ type: tool.kind, [tool.kind]: bodyOf(tool) }, carriedBy(tool)))
  }
  return {
    ...(modern.length > 0 ? { tools: modern } : {}),
    ...(deprecated.length > 0 ? { functions: deprecated } : {}),
  }
}

function bodyOf(tool: Exclude<Tool, { kind: 'hosted' }>): JsonObject {
  const { name, description } = tool
  if (tool.kind === 'function') {
    return defined({ name, description, parameters: tool.parameters, strict: tool.strict })
  }
  const { grammar } = tool
  return defined({ name, description, format: grammar && { type: 'grammar', grammar: { ...grammar } } })
}

const modes = ['none', 'auto', 'required'] as const

/** Every form of `tool_choice`: a word, one tool, or `allowed_tools` with a word and a subset. */
export function decodeToolChoice(reading: Reading, choice: JsonValue): ToolChoice | undefined {
  if (typeof choice === 'string') {
    const mode = modes.find(name => name === choice)
    if (mode === undefined) reading.wrongValue('tool_choice', choice, modes)
    return mode && { mode }
  }
  if (!isObject(choice)) {
    reading.wrongType('tool_choice', 'one of a string or object', choice)
    return undefined
  }
  const type = reading.required(choice, 'type', 'string', 'tool_choice')
  if (type !== 'allowed_tools') {
    const tool = type === undefined ? undefined : decodeReference(reading, choice, type, 'tool_choice')
    return tool && { mode: 'tool', tool }
  }
  const body = reading.required(choice, 'allowed_tools', 'object', 'tool_choice') ?? {}
  const path = 'tool_choice.allowed_tools'
  const mode = reading.required(body, 'mode', 'string', path)
  if (mode !== undefined && mode !== 'auto' && mode !== 'required') {
    reading.wrongValue(`${path}.mode`, mode, ['auto', 'required'])
  }
  const list = reading.required(body, 'tools', 'list', path) ?? []
  const allowed = reading.objects(list, `${path}.tools`).map(([entry, at]) => {
    return decodeReference(reading, entry, reading.required(entry, 'type', 'string', at) ?? 'function', at)
  })
  return { mode: mode === 'required' ? mode : 'auto', allowed: allowed.filter(tool => tool !== undefined) }
}

/** `{type: 'function', function: {name}}`; a type that is neither function nor custom names a tool of the host. */
function decodeReference(
  reading: Reading,
  wire: JsonObject,
  type: string,
  path: string,
): ToolReference | undefined {
  if (type !== 'function' && type !== 'custom') {
    return { kind: 'hosted', name: type, ...carry(wire) }
  }
  const body = reading.required(wire, type, 'object', path)
  const name = body && reading.required(body, 'name', 'string', pathTo(path, type))
  return name === undefined ? undefined : { kind: type, name }
}

/** The deprecated `function_call` of a request: `none`, `auto` or one function. */
export function decodeFunctionChoice(reading: Reading, choice: JsonValue): ToolChoice | undefined {
  const deprecated = carry({ [form]: 'function_call' })
  if (choice === 'none' || choice === 'auto') return { mode: choice, ...deprecated }
  if (typeof choice === 'string') reading.wrongValue('function_call', choice, ['none', 'auto'])
  else if (!isObject(choice)) reading.wrongType('function_call', 'one of a string or object', choice)
  else {
    const name = reading.required(choice, 'name', 'string', 'function_call')
    if (name !== undefined) return { mode: 'tool', tool: { kind: 'function', name }, ...deprecated }
  }
  return undefined
}

/** A tool choice under the name its spelling has. */
export function encodeToolChoice(choice: ToolChoice, notes: NoteLog): Draft {
  notes.foreign(choice, 'toolChoice')
  const isDeprecated = formOf(choice) === 'function_call'
  if (choice.mode === 'tool') {
    if (isDeprecated) return { function_call: { name: choice.tool.name } }
    const reference = encodeReference(choice.tool, 'toolChoice.tool', notes)
    return reference === undefined ? {} : { tool_choice: reference }
  }
  if (isDeprecated) return { function_call: choice.mode }
  if (choice.allowed === undefined || choice.mode === 'none') return { tool_choice: choice.mode }
  const tools = choice.allowed
    .map((tool, index) => encodeReference(tool, `toolChoice.allowed[${index}]`, notes))
    .filter(tool => tool !== undefined)
  return { tool_choice: { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools } } }
}

function encodeReference(tool: ToolReference, path: string, notes: NoteLog): JsonObject | undefined {
  if (tool.kind !== 'hosted') return { type: tool.kind, [tool.kind]: { name: tool.name } }
  const own = carriedBy(tool)
  if (own === undefined) notes.add('refused', path, `Chat completions has no tool ${tool.name} to choose.`)
  return own
}
