import type { JsonObject } from '../../ir/json.ts'
import type { CustomTool, FunctionTool } from '../../ir/tool.ts'
import { isObject } from '../../wire/json.ts'
import { defined, parseText } from './wire.ts'

/** Arguments as the model wrote them to the object this wire carries; undefined where they are no JSON object. */
export function parseInput(text: string): JsonObject | undefined {
  if (text === '') return {}
  const value = parseText(text)
  return isObject(value) ? value : undefined
}

/** Where arguments stand that are no JSON object: the wire demands one, and nothing may get lost. */
export function wrapInvalid(text: string): JsonObject {
  return { INVALID_JSON: text }
}

/** The only property of a free-text tool's input after wrapping. */
const wrapped = 'input'

/**
 * A tool that takes free text as a function with one string property, for wires that know only functions. Its calls
 * are undone by `unwrapCustomInput`. The caller of both is whoever adapts a request and restores its answer.
 */
export function wrapCustomTool(tool: CustomTool): FunctionTool {
  const { grammar } = tool
  const property = defined({
    type: 'string',
    description: grammar && `Text of this ${grammar.syntax} grammar:\n${grammar.definition}`,
  })
  return defined({
    kind: 'function',
    name: tool.name,
    description: tool.description,
    parameters: {
      type: 'object',
      properties: { [wrapped]: property },
      required: [wrapped],
      additionalProperties: false,
    },
    cache: tool.cache,
  })
}

/** Free text as the arguments of the wrapped tool. */
export function wrapCustomInput(text: string): JsonObject {
  return { [wrapped]: text }
}

/** The free text in arguments of a wrapped tool; arguments of another form are the text themselves. */
export function unwrapCustomInput(argumentsText: string): string {
  const text = parseInput(argumentsText)?.[wrapped]
  return typeof text === 'string' ? text : argumentsText
}
