import type { Quirk } from '../../../core/quirk.ts'
import { editMessages } from './edit.ts'

export const developerAsSystem: Quirk = {
  id: 'developer-as-system',
  reason: 'Knows no role developer: its chat templates fail on it or skip the message.',
  request: wire =>
    editMessages(wire, (message, path, notes) => {
      if (message.role !== 'developer') return message
      notes.push({ kind: 'renamed', path: `${path}.role`, reason: 'This upstream calls the role system.' })
      return { ...message, role: 'system' }
    }),
}
