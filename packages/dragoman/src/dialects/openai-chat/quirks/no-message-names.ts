import type { Quirk } from '../../../core/quirk.ts'
import { without } from '../../../wire/json.ts'
import { editMessages } from './edit.ts'

const names = new Set(['name'])

export const noMessageNames: Quirk = {
  id: 'no-message-names',
  reason:
    'Answers a name of a message with 400 (compatibility page of a host) or 422 (closed message schemas of its OpenAPI).',
  request: wire =>
    editMessages(wire, (message, path, notes) => {
      // A result of the deprecated functions has nothing but its name to say whose it is.
      if (message.name === undefined || message.role === 'function') return message
      notes.push({
        kind: 'dropped',
        path: `${path}.name`,
        reason: 'This upstream takes no names of speakers.',
      })
      return without(message, names)
    }),
}
