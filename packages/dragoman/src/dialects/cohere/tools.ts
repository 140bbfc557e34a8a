import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import type { Tool, ToolChoice } from '../../ir/tool.ts'
import { own } from '../../wire/json.ts'
import { fieldsOf, object, text } from './fields.ts'
import { dialect, merged, ownExtra, withExtra } from './wire.ts'

/** A tool: a function of the client's; whatever else a host offers is the provider's own. */
export function decodeTool(
  wire: JsonObject,
  isStrict: true | undefined,
  path: string,
  faults: Fault[],
): Tool {
  const { type } = wire
  if (typeof type === 'string' && type !== 'function') return { kind: 'hosted', dialect, type, value: wire }
  const fields = fieldsOf(wire, path, faults)
  fields.take('type', text)
  const inner = fields.inside('function', fields.need('function', object, {}))
  const tool = {
    kind: 'function',
    name: inner.need('name', text, ''),
    description: inner.want('description', text),
    parameters: inner.want('parameters', object),
    strict: isStrict,
  } as const // the kind is a literal
  fields.keepRest('function', inner)
  const extra = fields.extra()
  return defined({
    ...tool,
    // That strictness was said on this wire is kept: then it is not for us to judge.
    extra: isStrict ? { [dialect]: { ...extra?.[dialect], $strict: true } } : extra,
  })
}

/** `parameters` is required by the type; a tool without arguments says so. */
const noParameters: JsonObject = { type: 'object', properties: {} }

function encodeTool(tool: Tool, path: string, notes: Notes): JsonObject | undefined {
  notes.foreign(tool, path)
  switch (tool.kind) {
    case 'function': {
      const { name, description, parameters } = tool
      if (tool.cache !== undefined) notes.add('dropped', `${path}.cache`, 'there are no cache markers here')
      const extra = ownExtra(tool)
      const core = defined({ name, description, parameters: parameters ?? noParameters })
      return withExtra({ type: 'function', function: merged(core, extra?.function) }, extra)
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

const nameOf = (tool: Tool): string => (tool.kind === 'hosted' ? tool.type : tool.name)

/** The names that may be used, where the choice narrows them: this wire narrows by sending fewer tools. */
function allowedNames(choice: ToolChoice | undefined): readonly string[] | undefined {
  if (choice === undefined) return undefined
  return choice.mode === 'tool' ? [choice.tool.name] : choice.allowed?.map(reference => reference.name)
}

/** The tools with their choice and strictness, as the three fields of a request they are here. */
export function encodeTools(request: GenerateRequest, notes: Notes): JsonObject {
  const { tools, toolChoice } = request
  if (request.parallelToolCalls === false)
    notes.add('dropped', 'parallelToolCalls', 'several calls at once cannot be forbidden here')
  if (tools === undefined) return defined({ tool_choice: encodeToolChoice(toolChoice, false, notes) })
  const names = allowedNames(toolChoice)
  const kept = tools.filter(tool => names?.includes(nameOf(tool)) ?? true)
  if (kept.length < tools.length) {
    const path = toolChoice?.mode === 'tool' ? 'toolChoice' : 'toolChoice.allowed'
    notes.add('approximated', path, 'only the tools that may be called are sent')
  }
  const written = kept.flatMap(tool => encodeTool(tool, `tools[${tools.indexOf(tool)}]`, notes) ?? [])
  return defined({
    tools: written,
    strict_tools: encodeStrict(tools, kept, notes),
    tool_choice: encodeToolChoice(toolChoice, written.length > 0, notes),
  })
}

/** Strict decoding needs a required parameter in every tool (card, section 3). */
function hasRequired(parameters: JsonObject | undefined): boolean {
  return isList(parameters?.required) && parameters.required.length > 0
}

/** Strictness is one switch for all tools: it goes on where every one asks for it and can have it (trap COH-01). */
function encodeStrict(all: readonly Tool[], kept: readonly Tool[], notes: Notes): true | undefined {
  const strict = kept.filter(tool => tool.kind === 'function' && tool.strict === true)
  if (strict.length === 0) return undefined
  const isOwn = strict.every(tool => ownExtra(tool)?.$strict === true)
  const canAll = strict.every(tool => tool.kind === 'function' && hasRequired(tool.parameters))
  if (strict.length === kept.length && (isOwn || canAll)) return true
  for (const tool of strict) {
    const reason = 'tools are strict all or none here, and each needs a required parameter'
    notes.add('dropped', `tools[${all.indexOf(tool)}].strict`, reason)
  }
  return undefined
}

const modes: { readonly [word: string]: 'required' | 'none' } = { REQUIRED: 'required', NONE: 'none' }

export function decodeToolChoice(fields: Fields): ToolChoice | undefined {
  const word = fields.want('tool_choice', text)
  if (word === undefined) return undefined
  const mode = own(modes, word)
  if (mode === undefined) fields.fail('tool_choice', "expected 'REQUIRED' or 'NONE'")
  return mode && { mode }
}

/** Only two choices have words, upper case; leaving it to the model is said by saying nothing (trap COH-03). */
function encodeToolChoice(
  choice: ToolChoice | undefined,
  hasTools: boolean,
  notes: Notes,
): string | undefined {
  if (choice === undefined) return undefined
  notes.foreign(choice, 'toolChoice')
  if (!hasTools) {
    notes.add('dropped', 'toolChoice', 'a choice needs tools here')
    return undefined
  }
  return choice.mode === 'auto' ? undefined : choice.mode === 'none' ? 'NONE' : 'REQUIRED'
}
