import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined, isList, objectsOf } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { CacheHint } from '../../ir/part.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import type { Tool, ToolChoice, ToolReference } from '../../ir/tool.ts'
import { isObject } from '../../wire/json.ts'
import { decodeMarked, encodeCachePoint } from './cache.ts'
import { fieldsOf, flag, need, object, objects, open, openOptional, text } from './fields.ts'
import { dialect, ownExtra, withExtra } from './wire.ts'

/** A tool with the place for a marker; a hosted one is its own wire object and has none. */
type Markable = Tool & { readonly cache?: CacheHint }

function decodeTool(wire: JsonObject, path: string, faults: Fault[]): Markable {
  if (!isObject(wire.toolSpec)) {
    return { kind: 'hosted', dialect, type: Object.keys(wire)[0] ?? '', value: wire }
  }
  const outer = fieldsOf(wire, path, faults)
  const spec = open(outer, 'toolSpec')
  const schema = open(spec, 'inputSchema')
  const parameters = need(schema, 'json', object, {})
  spec.keepRest('inputSchema', schema)
  const tool = defined({
    kind: 'function' as const, // a kind is a literal
    name: need(spec, 'name', text, ''),
    description: spec.want('description', text),
    parameters,
    strict: spec.want('strict', flag),
  })
  outer.keepRest('toolSpec', spec)
  return defined({ ...tool, extra: outer.extra() })
}

/** `toolConfig` (SDK 3.1164 `ToolConfiguration`): the tools with their cache points, and the choice. */
export function decodeTools(fields: Fields): Pick<GenerateRequest, 'tools' | 'toolChoice'> {
  const config = openOptional(fields, 'toolConfig')
  if (config === undefined) return {}
  const wire = need(config, 'tools', objects, [])
  const tools = decodeMarked<Markable>(
    wire,
    (tool, index) => decodeTool(tool, `${config.pathOf('tools')}[${index}]`, fields.faults),
    tool => tool.kind !== 'hosted',
  )
  const toolChoice = decodeChoice(config)
  fields.keepRest('toolConfig', config)
  return defined({ tools, toolChoice })
}

/** A choice is a union of one member (SDK 3.1164 `ToolChoice`); what stands beside or inside it is kept. */
function decodeChoice(config: Fields): ToolChoice | undefined {
  const wire = openOptional(config, 'toolChoice')
  const tool = wire && openOptional(wire, 'tool')
  if (wire !== undefined && tool !== undefined) {
    const reference: ToolReference = defined({
      kind: 'function',
      name: need(tool, 'name', text, ''),
      extra: tool.extra(),
    })
    return defined({ mode: 'tool', tool: reference, extra: wire.extra() })
  }
  for (const [member, mode] of plainChoices) {
    const inner = wire && openOptional(wire, member)
    if (wire === undefined || inner === undefined) continue
    if (inner.extra() !== undefined) wire.keepRest(member, inner)
    return defined({ mode, extra: wire.extra() })
  }
  if (wire !== undefined) config.keepRest('toolChoice', wire)
  return undefined
}

const plainChoices = [
  ['any', 'required'],
  ['auto', 'auto'],
] as const // a table of literals

/** The schema's type is required and always `object`. */
function inputSchema(parameters: JsonObject | undefined): JsonObject {
  if (parameters === undefined) return { type: 'object', properties: {} }
  return parameters.type === 'object' ? parameters : { ...parameters, type: 'object' }
}

function encodeTool(tool: Tool, path: string, notes: Notes): readonly JsonObject[] {
  notes.foreign(tool, path)
  switch (tool.kind) {
    case 'function': {
      const toolSpec = defined({
        name: tool.name,
        // An empty one is refused.
        description: tool.description === '' ? undefined : tool.description,
        inputSchema: { json: inputSchema(tool.parameters) },
        strict: tool.strict,
      })
      return [
        withExtra({ toolSpec }, ownExtra(tool)),
        ...encodeCachePoint(tool.cache, `${path}.cache`, notes),
      ]
    }
    case 'custom':
      notes.add('refused', path, 'tools that take free text do not exist here')
      return []
    case 'hosted':
      if (tool.dialect === dialect) return [tool.value]
      notes.add('refused', path, `only ${tool.dialect} has ${tool.type}`)
      return []
  }
}

const nameOf = (tool: Tool): string => (tool.kind === 'hosted' ? tool.type : tool.name)

/** The tools, fewer where the choice allows only some: this wire narrows by sending fewer. */
function encodeList(
  tools: readonly Tool[],
  choice: ToolChoice | undefined,
  only: string | undefined,
  notes: Notes,
): readonly JsonObject[] {
  const allowed = choice !== undefined && 'allowed' in choice ? choice.allowed : undefined
  const names = only === undefined ? allowed?.map(reference => reference.name) : [only]
  const listed = tools.filter(tool => names === undefined || names.includes(nameOf(tool)))
  if (listed.length < tools.length) {
    const path = only === undefined ? 'toolChoice.allowed' : 'toolChoice'
    notes.add('approximated', path, 'the other tools are left out, which changes the cache prefix')
  }
  return listed.flatMap(tool => encodeTool(tool, `tools[${tools.indexOf(tool)}]`, notes))
}

/** Names of the tools that a history calls. */
function calledNames(messages: readonly JsonObject[]): readonly string[] {
  const blocks = messages.flatMap(message => objectsOf(message.content))
  const calls = blocks.map(block => block.toolUse).filter(isObject)
  return [...new Set(calls.map(call => call.name).filter(name => typeof name === 'string'))]
}

const hasToolBlocks = (messages: readonly JsonObject[]): boolean =>
  messages.some(
    ({ content }) =>
      isList(content) &&
      content.some(block => isObject(block) && (isObject(block.toolUse) || isObject(block.toolResult))),
  )

/** What stands for a tool that a history calls and the caller no longer has. */
const formerTool = (name: string): JsonObject => ({
  toolSpec: {
    name,
    description: 'Was available earlier in this conversation. Do not call it any more.',
    inputSchema: { json: { type: 'object', properties: {} } },
  },
})

/** Said to the model where no tool may be called although the history needs the tools: there is no choice for it. */
const noCalls: JsonObject = { text: 'Do not call any tool in your next answer.' }

export interface WrittenTools {
  readonly toolConfig: JsonObject | undefined
  /** Blocks that the system prompt has to say in place of a choice. */
  readonly system: readonly JsonObject[]
}

/**
 * `toolConfig`. A history with calls is refused without it, so that tools which nobody declares any more are declared
 * by name (trap 20); and since there is no choice `none`, the model is asked where the tools have to stay.
 * `forcedIsImpossible`: thinking with a budget does not go with a forced choice. `choice`: the choice is said elsewhere.
 */
export function encodeTools(
  request: GenerateRequest,
  messages: readonly JsonObject[],
  facts: { readonly forcedIsImpossible: boolean; readonly choiceIsElsewhere: boolean },
  notes: Notes,
): WrittenTools {
  const { toolChoice } = request
  const hasHistory = hasToolBlocks(messages)
  const isNone = toolChoice?.mode === 'none'
  if (isNone && !hasHistory) {
    if (request.tools?.length)
      notes.add('emulated', 'toolChoice', 'there is no choice "none" here: no tools are sent')
    return { toolConfig: undefined, system: [] }
  }
  const isForced = toolChoice?.mode === 'tool' || toolChoice?.mode === 'required'
  const named = toolChoice?.mode === 'tool' && facts.forcedIsImpossible ? toolChoice.tool.name : undefined
  const tools = encodeList(request.tools ?? [], toolChoice, named, notes)
  const former = tools.length === 0 && hasHistory ? calledNames(messages).map(formerTool) : []
  if (former.length > 0) {
    notes.add(
      'emulated',
      'tools',
      'a history with calls needs its tools declared here; they are declared by name',
    )
  }
  const all = [...tools, ...former]
  if (all.length === 0) {
    if (toolChoice !== undefined && !isNone) notes.add('dropped', 'toolChoice', 'a choice needs tools here')
    return { toolConfig: undefined, system: [] }
  }
  if (isNone && tools.length > 0) {
    notes.add('emulated', 'toolChoice', 'there is no choice "none" here: the model is asked to call no tool')
  }
  if (isForced && facts.forcedIsImpossible) {
    notes.add('approximated', 'toolChoice', 'thinking with a budget does not go with a forced tool here')
  }
  const choice = facts.choiceIsElsewhere
    ? undefined
    : encodeChoice(toolChoice, facts.forcedIsImpossible, notes)
  const toolConfig = withExtra(defined({ tools: all, toolChoice: choice }), configExtra(request))
  return { toolConfig, system: isNone && tools.length > 0 ? [noCalls] : [] }
}

function configExtra(request: GenerateRequest): JsonObject | undefined {
  const extra = ownExtra(request)?.toolConfig
  return isObject(extra) ? extra : undefined
}

function encodeChoice(
  choice: ToolChoice | undefined,
  forcedIsImpossible: boolean,
  notes: Notes,
): JsonObject | undefined {
  if (choice === undefined || choice.mode === 'none') return undefined
  notes.foreign(choice, 'toolChoice')
  const extra = ownExtra(choice)
  if (forcedIsImpossible) return withExtra({ auto: {} }, extra)
  if (choice.mode !== 'tool') return withExtra(choice.mode === 'auto' ? { auto: {} } : { any: {} }, extra)
  return withExtra({ tool: withExtra({ name: choice.tool.name }, ownExtra(choice.tool)) }, extra)
}
