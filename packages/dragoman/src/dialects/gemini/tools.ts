import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { FunctionTool, Tool, ToolChoice, ToolReference } from '../../ir/tool.ts'
import { isObject } from '../../wire/json.ts'
import { Fields, object, objects, text, texts } from './fields.ts'
import { sameJson } from './output.ts'
import { noteMarker } from './part-encode.ts'
import { toJsonSchema } from './schema.ts'
import { dialect, ownExtra, unlessEmpty, withExtra, withMark } from './wire.ts'

/** Parameters in OpenAPI's form, as they came: put back as long as they still say what the model does. */
const openapiMark = '$parameters'

/** One entry of `tools` holds any number of functions and of the provider's own tools (SDK 3.1.0 `Tool`). */
export function decodeTools(fields: Fields): readonly Tool[] | undefined {
  return fields
    .want('tools', objects)
    ?.flatMap((entry, index) => decodeEntry(entry, `tools[${index}]`, fields.faults))
}

function decodeEntry(wire: JsonObject, path: string, faults: Fault[]): readonly Tool[] {
  const fields = new Fields(wire, path, faults)
  const declared = fields.want('functionDeclarations', objects) ?? []
  const functions = declared.map((declaration, index) =>
    decodeFunction(declaration, `${fields.pathOf('functionDeclarations')}[${index}]`, faults),
  )
  const others = Object.entries(fields.extra()?.[dialect] ?? {})
  return [
    ...functions,
    ...others.map(([type, value]) => ({ kind: 'hosted', dialect, type, value: { [type]: value } }) as const), // literals
  ]
}

function decodeFunction(wire: JsonObject, path: string, faults: Fault[]): FunctionTool {
  const fields = new Fields(wire, path, faults)
  const name = fields.need('name', text, '')
  const description = fields.want('description', text)
  const schema = fields.want('parametersJsonSchema', object)
  const openapi = schema === undefined ? fields.want('parameters', object) : undefined
  return defined({
    kind: 'function',
    name,
    description,
    parameters: schema ?? (openapi && toJsonSchema(openapi)),
    extra: withMark(fields.extra(), openapiMark, openapi),
  })
}

/** The tools, all functions in one entry (card 5), the provider's own in entries of theirs. */
export function encodeTools(
  tools: readonly Tool[] | undefined,
  notes: Notes,
): readonly JsonObject[] | undefined {
  if (tools === undefined) return undefined
  const functions: JsonObject[] = []
  const hosted: JsonObject[] = []
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    notes.foreign(tool, path)
    if (tool.kind === 'function') functions.push(encodeFunction(tool, path, notes))
    else if (tool.kind === 'hosted' && tool.dialect === dialect) hosted.push(tool.value)
    else if (tool.kind === 'hosted') notes.add('refused', path, `only ${tool.dialect} has ${tool.type}`)
    else notes.add('refused', path, 'tools that take free text do not exist here')
  }
  return functions.length === 0 ? hosted : [{ functionDeclarations: functions }, ...hosted]
}

function encodeFunction(tool: FunctionTool, path: string, notes: Notes): JsonObject {
  noteMarker(tool, path, notes)
  const { name, description, parameters } = tool
  const openapi = ownExtra(tool)?.[openapiMark]
  const isOpenapi =
    isObject(openapi) && parameters !== undefined && sameJson(toJsonSchema(openapi), parameters)
  const schema = isOpenapi ? { parameters: openapi } : { parametersJsonSchema: parameters }
  return withExtra(defined({ name, description, ...schema }), ownExtra(tool))
}

/** SDK 3.1.0 `FunctionCallingConfigMode`. VALIDATED leaves the choice to the model and checks what it calls. */
const modes: { readonly [mode: string]: 'auto' | 'required' | 'none' } = {
  AUTO: 'auto',
  ANY: 'required',
  NONE: 'none',
  VALIDATED: 'auto',
}
const words = { auto: 'AUTO', required: 'ANY', none: 'NONE' } as const // a table of literals

/** The wire's own word, where the model has one for two of them. */
const validated = 'VALIDATED'

const referTo = (name: string): ToolReference => ({ kind: 'function', name })

/** `toolConfig.functionCallingConfig`. One allowed function that has to be called is a tool chosen by name. */
export function decodeToolChoice(fields: Fields): ToolChoice | undefined {
  const config = fields.want('toolConfig', object)
  if (config === undefined) return undefined
  const outer = fields.inside('toolConfig', config)
  const choice = readChoice(outer)
  fields.keepFlat('toolConfig', outer)
  return choice
}

function readChoice(outer: Fields): ToolChoice | undefined {
  const wire = outer.want('functionCallingConfig', object)
  if (wire === undefined) return undefined
  const inner = outer.inside('functionCallingConfig', wire)
  const said = inner.take('mode', text)
  const mode = said !== undefined && Object.hasOwn(modes, said) ? modes[said] : undefined
  if (mode === undefined) {
    if (said !== undefined) inner.keep('mode', said)
    outer.keepRest('functionCallingConfig', inner)
    return undefined
  }
  const names = inner.want('allowedFunctionNames', texts)
  if (said === validated) inner.keep('mode', validated)
  const extra = inner.extra()
  const [only] = names ?? []
  if (mode === 'required' && names?.length === 1 && only !== undefined) {
    return defined({ mode: 'tool', tool: referTo(only), extra })
  }
  return defined({ mode, allowed: names?.map(referTo), extra })
}

/**
 * The choice, and the strictness of tools, which is part of it here. AUTO takes no list of names, so a narrowed choice
 * is VALIDATED; ANY checks what is called anyway.
 */
export function encodeToolChoice(
  choice: ToolChoice | undefined,
  tools: readonly Tool[] | undefined,
  notes: Notes,
): JsonObject | undefined {
  const isStrict = tools?.some(tool => tool.kind === 'function' && tool.strict === true) ?? false
  if (choice === undefined) return isStrict ? { functionCallingConfig: { mode: validated } } : undefined
  notes.foreign(choice, 'toolChoice')
  const own = ownExtra(choice)
  const { mode: kept, ...rest } = own ?? {}
  const extra = unlessEmpty(rest)
  if (choice.mode === 'tool') {
    const said = { mode: words.required, allowedFunctionNames: [choice.tool.name] }
    return { functionCallingConfig: withExtra(said, extra) }
  }
  const names = choice.allowed?.map(reference => reference.name)
  const isValidated = choice.mode === 'auto' && (kept === validated || isStrict || names !== undefined)
  // Where none may be called, names say nothing and are not accepted.
  const allowedFunctionNames = choice.mode === 'none' ? undefined : names
  const said = defined({ mode: isValidated ? validated : words[choice.mode], allowedFunctionNames })
  return { functionCallingConfig: withExtra(said, extra) }
}
