import type { Quirk } from '../../../core/quirk.ts'
import { changed, unchanged } from './edit.ts'

export const requiredAsAny: Quirk = {
  id: 'required-as-any',
  reason:
    'Calls tool_choice required any: its SDKs send that, and older servers know no other word (its SDK 2.7.0).',
  request: wire =>
    wire.tool_choice === 'required'
      ? changed(
          { ...wire, tool_choice: 'any' },
          { kind: 'renamed', path: 'toolChoice', reason: 'This upstream calls the choice required any.' },
        )
      : unchanged(wire),
}
