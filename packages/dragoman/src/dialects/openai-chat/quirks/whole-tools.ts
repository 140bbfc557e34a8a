import { isList } from '../../../core/codec/values.ts'
import type { Quirk } from '../../../core/quirk.ts'
import type { JsonValue } from '../../../ir/json.ts'
import { isObject, without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

const toolFields = new Set(['tools', 'tool_choice', 'parallel_tool_calls'])

const lacksParameters = (tool: JsonValue): boolean =>
  isObject(tool) && isObject(tool.function) && tool.function.parameters === undefined

/** A function without parameters takes none: that is what the schema says which is put in, so nothing is lost. */
const withParameters = (tool: JsonValue): JsonValue =>
  isObject(tool) && isObject(tool.function) && lacksParameters(tool)
    ? { ...tool, function: { ...tool.function, parameters: { type: 'object', properties: {} } } }
    : tool

export const wholeTools: Quirk = {
  id: 'whole-tools',
  reason:
    'Answers an empty list of tools with 422, and requires parameters of every function (its OpenAPI, 2026-08-21).',
  request(wire) {
    const { tools } = wire
    if (!isList(tools)) return unchanged(wire)
    if (tools.length === 0) return changed(without(wire, toolFields))
    return tools.some(lacksParameters)
      ? changed({ ...wire, tools: tools.map(withParameters) })
      : unchanged(wire)
  },
}
