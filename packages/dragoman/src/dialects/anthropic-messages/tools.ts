import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Tool, ToolChoice, ToolReference } from '../../ir/tool.ts'
import { own } from '../../wire/json.ts'
import { decodeCache, encodeCache } from './cache.ts'
import { fieldsOf, flag, object, text } from './fields.ts'
import { dialect, ownExtra, withExtra } from './wire.ts'

/** A tool: of type `custom` or none it is the client's function, any other type is one the provider defines. */
export function decodeTool(wire: JsonObject, path: string, faults: Fault[]): Tool {
  const { type } = wire
  if (typeof type === 'string' && type !== 'custom') return { kind: 'hosted', dialect, type, value: wire }
  const fields = fieldsOf(wire, path, faults)
  return defined({
    kind: 'function',
    name: fields.need('name', text, ''),
    description: fields.want('description', text),
    parameters: fields.need('input_schema', object, {}),
    strict: fields.want('strict', flag),
    cache: decodeCache(fields),
    extra: fields.extra(),
  })
}

/** SDK 1.12.0 `Tool.InputSchema`: the type is required and always `object`. */
function inputSchema(parameters: JsonObject | undefined): JsonObject {
  if (parameters === undefined) return { type: 'object', properties: {} }
  return parameters.type === 'object' ? parameters : { ...parameters, type: 'object' }
}

function encodeTool(tool: Tool, path: string, notes: Notes): JsonObject | undefined {
  notes.foreign(tool, path)
  switch (tool.kind) {
    case 'function': {
      const core = defined({
        name: tool.name,
        description: tool.description,
        input_schema: inputSchema(tool.parameters),
        strict: tool.strict,
        cache_control: encodeCache(tool.cache, `${path}.cache`, notes),
      })
      return withExtra(core, ownExtra(tool))
    }
    case 'custom':
      notes.add('refused', path, 'tools that take free text do not exist here')
      return undefined
    case 'hosted':
      if (tool.dialect === dialect) return tool.value
      notes.add('refused', path, `only ${tool.dialect} has ${tool.type}`)
      return undefined
  }
}

const nameOf = (tool: Tool): string =>
  tool.kind === 'hosted' ? String(tool.value.name ?? tool.type) : tool.name

/** The names that may be used, where the choice narrows them: this wire narrows by sending fewer tools. */
function allowedNames(
  choice: ToolChoice | undefined,
  forcedIsImpossible: boolean,
): readonly string[] | undefined {
  if (choice === undefined) return undefined
  if (choice.mode === 'tool') return forcedIsImpossible ? [choice.tool.name] : undefined
  return choice.allowed?.map(reference => reference.name)
}

/**
 * The tools, fewer where the choice allows only some. `forcedIsImpossible`: thinking with a budget does not go with a
 * forced choice (trap 11), so that a named tool becomes the only one there is.
 */
export function encodeTools(
  tools: readonly Tool[] | undefined,
  choice: ToolChoice | undefined,
  forcedIsImpossible: boolean,
  notes: Notes,
): readonly JsonObject[] | undefined {
  if (tools === undefined) return undefined
  const names = allowedNames(choice, forcedIsImpossible)
  const kept = tools.filter(tool => names === undefined || names.includes(nameOf(tool)))
  if (kept.length < tools.length) {
    const path = choice?.mode === 'tool' ? 'toolChoice' : 'toolChoice.allowed'
    notes.add(
      'approximated',
      path,
      'the other tools are left out of the list, which changes the cache prefix',
    )
  }
  const written = kept.map(tool => encodeTool(tool, `tools[${tools.indexOf(tool)}]`, notes))
  return written.filter(tool => tool !== undefined)
}

const modes: { readonly [type: string]: 'auto' | 'required' | 'none' } = {
  auto: 'auto',
  any: 'required',
  none: 'none',
}
const types = { auto: 'auto', required: 'any', none: 'none' } as const // a table of literals

function referenceOf(name: string, tools: readonly Tool[]): ToolReference {
  const tool = tools.find(candidate => nameOf(candidate) === name)
  return { kind: tool?.kind ?? 'function', name }
}

/** What `tool_choice` says: the choice, and whether several calls at once are allowed, which this wire keeps inside. */
export function decodeToolChoice(
  fields: Fields,
  tools: readonly Tool[],
): { readonly toolChoice?: ToolChoice; readonly parallelToolCalls?: boolean } {
  const wire = fields.want('tool_choice', object)
  if (wire === undefined) return {}
  const inner = fields.inside('tool_choice', wire)
  const type = inner.need('type', text, 'auto')
  const sequential = inner.want('disable_parallel_tool_use', flag)
  const parallelToolCalls = sequential === undefined ? undefined : !sequential
  if (type === 'tool') {
    const tool = referenceOf(inner.need('name', text, ''), tools)
    return defined({ toolChoice: defined({ mode: 'tool', tool, extra: inner.extra() }), parallelToolCalls })
  }
  const mode = own(modes, type)
  if (mode === undefined) {
    inner.fail('type', "Input should be 'auto', 'any', 'tool' or 'none'")
    return {}
  }
  return defined({ toolChoice: defined({ mode, extra: inner.extra() }), parallelToolCalls })
}

/**
 * The choice with the switch for parallel calls inside (traps 8 and 9): the switch needs a choice to stand in and has
 * no place in `none`. Allowing them is the default and said only where a choice is said.
 */
export function encodeToolChoice(
  choice: ToolChoice | undefined,
  parallel: boolean | undefined,
  forcedIsImpossible: boolean,
  notes: Notes,
): JsonObject | undefined {
  const sequential = parallel === undefined ? undefined : !parallel
  if (choice === undefined) {
    return sequential ? { type: 'auto', disable_parallel_tool_use: true } : undefined
  }
  notes.foreign(choice, 'toolChoice')
  const extra = ownExtra(choice)
  if (choice.mode === 'none') return withExtra({ type: 'none' }, extra)
  const isForced = choice.mode === 'tool' || choice.mode === 'required'
  if (isForced && forcedIsImpossible) {
    notes.add('approximated', 'toolChoice', 'thinking with a budget does not go with a forced tool here')
    return withExtra(defined({ type: 'auto', disable_parallel_tool_use: sequential }), extra)
  }
  const said =
    choice.mode === 'tool' ? { type: 'tool', name: choice.tool.name } : { type: types[choice.mode] }
  return withExtra(defined({ ...said, disable_parallel_tool_use: sequential }), extra)
}
