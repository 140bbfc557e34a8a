import { objectsOf } from '../../../core/codec/values.ts'
import type { Quirk } from '../../../core/quirk.ts'
import type { JsonObject, JsonValue } from '../../../ir/json.ts'
import { isObject } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

/** `function:get_weather`, whether the object is a tool or a reference to one. */
function labelOf(tool: JsonObject): string {
  const inner = tool[String(tool.type)]
  return `${tool.type}:${isObject(inner) ? inner.name : ''}`
}

/** The word and the tools that a choice by name stands for. */
function narrowed(choice: JsonObject): { readonly word: JsonValue; readonly labels: readonly string[] } {
  const { allowed_tools: allowed } = choice
  if (choice.type !== 'allowed_tools' || !isObject(allowed))
    return { word: 'required', labels: [labelOf(choice)] }
  return { word: allowed.mode ?? 'auto', labels: objectsOf(allowed.tools).map(labelOf) }
}

export const namedToolAsRequired: Quirk = {
  id: 'named-tool-as-required',
  reason:
    'Refuses tool_choice as an object with 400, or takes it for auto and calls any tool (ggml-org/llama.cpp#26535; "Invalid tool_choice type: \'object\'").',
  request(wire) {
    const { tool_choice: choice } = wire
    if (!isObject(choice)) return unchanged(wire)
    const { word, labels } = narrowed(choice)
    const tools = objectsOf(wire.tools).filter(tool => labels.includes(labelOf(tool)))
    // A name that no tool has is the caller's mistake, and the upstream's to refuse.
    if (tools.length === 0) return unchanged(wire)
    return changed(
      { ...wire, tools, tool_choice: word },
      {
        kind: 'emulated',
        path: 'toolChoice',
        reason: 'This upstream cannot be told a tool by name; only the tools that may be called were sent.',
      },
    )
  },
}
