import { isList } from '../../../core/codec/values.ts'
import type { Quirk } from '../../../core/quirk.ts'
import { changed, unchanged } from './edit.ts'

export const toolStream: Quirk = {
  id: 'tool-stream',
  reason:
    'Streams the arguments of calls only where tool_stream says so (zai-org/z-ai-sdk-python, 2026-04-08).',
  request(wire) {
    const { stream, tools, tool_stream: said } = wire
    const isNeeded = stream === true && isList(tools) && tools.length > 0 && said === undefined
    return isNeeded ? changed({ ...wire, tool_stream: true }) : unchanged(wire)
  },
}
