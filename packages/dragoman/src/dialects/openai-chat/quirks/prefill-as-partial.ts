import { isList } from '../../../core/codec/values.ts'
import type { Quirk } from '../../../core/quirk.ts'
import { isObject } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

export const prefillAsPartial: Quirk = {
  id: 'prefill-as-partial',
  reason:
    'Goes on with a last message of the assistant only where it is marked partial (its OpenAPI, 2026-08).',
  request(wire) {
    const { messages } = wire
    const last = isList(messages) ? messages.at(-1) : undefined
    if (!isList(messages) || !isObject(last) || last.role !== 'assistant') return unchanged(wire)
    if (last.partial !== undefined || last.tool_calls !== undefined) return unchanged(wire)
    return changed({ ...wire, messages: messages.with(-1, { ...last, partial: true }) })
  },
}
