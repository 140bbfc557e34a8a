import type { Quirk } from '../../../core/quirk.ts'
import { editMessages } from './edit.ts'

/** An empty text says what null says, so nothing is lost. */
export const noNullContent: Quirk = {
  id: 'no-null-content',
  reason:
    'Wants a text in every message, empty where it only calls tools (its own adapter, convert-to-workersai-chat-messages.ts, 2026-07-30).',
  request: wire =>
    editMessages(wire, message => (message.content === null ? { ...message, content: '' } : message)),
}
