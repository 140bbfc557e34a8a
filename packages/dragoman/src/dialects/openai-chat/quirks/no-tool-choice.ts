import type { Quirk } from '../../../core/quirk.ts'
import type { JsonObject } from '../../../ir/json.ts'
import type { Encoded } from '../../../ir/note.ts'
import { without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

const toolFields = new Set(['tools', 'tool_choice', 'parallel_tool_calls'])
const choiceField = new Set(['tool_choice'])

/** Tools that must not be called are not sent. */
function withoutTools(wire: JsonObject): Encoded<JsonObject> {
  return changed(without(wire, toolFields), {
    kind: 'emulated',
    path: 'toolChoice',
    reason: 'This upstream does not obey tool_choice none; the tools were left out.',
  })
}

export const noToolChoiceNone: Quirk = {
  id: 'no-tool-choice-none',
  reason:
    'Calls tools, or prints their markup into the text, in spite of tool_choice none (ollama/ollama#17921).',
  request: wire =>
    wire.tool_choice === 'none' && wire.tools !== undefined ? withoutTools(wire) : unchanged(wire),
}

export const noToolChoice: Quirk = {
  id: 'no-tool-choice',
  reason:
    'Does not read tool_choice: none still calls tools, a forced choice still chats (ollama/ollama#8421).',
  request(wire) {
    const { tool_choice: choice } = wire
    if (choice === undefined) return unchanged(wire)
    if (choice === 'none') return withoutTools(wire)
    const value = without(wire, choiceField)
    if (choice === 'auto') return changed(value)
    return changed(value, {
      kind: 'refused',
      path: 'toolChoice',
      reason: 'This upstream cannot be made to call a tool.',
    })
  },
}
