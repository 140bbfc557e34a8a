import type { Quirk } from '../../../core/quirk.ts'
import { without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

const names = new Set(['parallel_tool_calls'])

export const noParallelFlag: Quirk = {
  id: 'no-parallel-flag',
  reason: 'Answers parallel_tool_calls with 400, or ignores it.',
  request(wire) {
    const { parallel_tool_calls: flag } = wire
    if (flag === undefined) return unchanged(wire)
    const value = without(wire, names)
    if (flag !== false) return changed(value)
    return changed(value, {
      kind: 'dropped',
      path: 'parallelToolCalls',
      reason: 'This upstream cannot be limited to one tool call a turn.',
    })
  },
}
