import { isList } from '../../../core/codec/values.ts'
import type { Quirk } from '../../../core/quirk.ts'
import type { JsonObject } from '../../../ir/json.ts'
import { without } from '../../../wire/json.ts'
import { reasoningDetails, reasoningFields, reasoningOf } from '../thinking.ts'
import { editMessages } from './edit.ts'

const allFields: ReadonlySet<string> = new Set([...reasoningFields, reasoningDetails])

function hasReasoning(message: JsonObject): boolean {
  return message.role === 'assistant' && [...allFields].some(field => message[field] !== undefined)
}

export const reasoningAsReasoning: Quirk = {
  id: 'reasoning-as-reasoning',
  reason: 'Reads reasoning in history under the name reasoning only (vllm-project/vllm#33402).',
  request: wire =>
    editMessages(wire, (message, path, notes) => {
      const { reasoning_content: text } = message
      if (text === undefined || message.role !== 'assistant') return message
      notes.push({
        kind: 'renamed',
        path,
        reason: 'This upstream calls the reasoning of an earlier turn reasoning.',
      })
      return { ...without(message, new Set(['reasoning_content'])), reasoning: message.reasoning ?? text }
    }),
}

export const reasoningReplay: Quirk = {
  id: 'reasoning-replay',
  reason:
    'Wants reasoning_content back on turns that called tools (400 "The `reasoning_content` in the thinking mode must be passed back to the API.", an empty string passes) and none on others (decolua/9router#1189).',
  request: wire =>
    editMessages(wire, (message, path, notes) => {
      const hasCalls = isList(message.tool_calls) && message.tool_calls.length > 0
      if (message.role !== 'assistant' || (!hasCalls && !hasReasoning(message))) return message
      const bare = without(message, allFields)
      if (!hasCalls) {
        notes.push({
          kind: 'dropped',
          path,
          reason: 'This upstream takes reasoning back only for turns that called tools.',
        })
        return bare
      }
      const found = reasoningOf(message)
      if (
        found?.field === 'reasoning_content' &&
        Object.keys(message).length === Object.keys(bare).length + 1
      ) {
        return message
      }
      if (found === undefined) {
        notes.push({
          kind: 'approximated',
          path,
          reason: 'This upstream wants the reasoning of this turn, which was lost; it gets an empty one.',
        })
      }
      return { ...bare, reasoning_content: found?.text ?? '' }
    }),
}

export const noReasoningHistory: Quirk = {
  id: 'no-reasoning-history',
  reason:
    'Refuses reasoning in history (400 "property \'reasoning_content\' is unsupported", or 422 from a strict schema).',
  request: wire =>
    editMessages(wire, (message, path, notes) => {
      if (!hasReasoning(message)) return message
      notes.push({ kind: 'dropped', path, reason: 'This upstream refuses the reasoning of earlier turns.' })
      return without(message, allFields)
    }),
}
