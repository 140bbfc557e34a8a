import type { Quirk } from '../../../core/quirk.ts'
import { without } from '../../../wire/json.ts'
import { reasoningDetails } from '../thinking.ts'
import { editMessages } from './edit.ts'

const otherFields = new Set(['reasoning', reasoningDetails])

export const reasoningAsContent: Quirk = {
  id: 'reasoning-as-content',
  reason:
    'Reads reasoning in history under the name reasoning_content only, and refuses reasoning (bifrost, its chat adapter).',
  request: wire =>
    editMessages(wire, (message, path, notes) => {
      const { reasoning: text, reasoning_content: own } = message
      if (message.role !== 'assistant' || ![...otherFields].some(field => message[field] !== undefined))
        return message
      const rest = without(message, otherFields)
      const kept = own ?? text
      if (typeof kept !== 'string') {
        notes.push({ kind: 'dropped', path, reason: 'This upstream takes reasoning back as text only.' })
        return rest
      }
      notes.push({
        kind: 'renamed',
        path,
        reason: 'This upstream calls the reasoning of an earlier turn reasoning_content.',
      })
      return { ...rest, reasoning_content: kept }
    }),
}
