import { defined } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Part, TextPart, ThinkingPart } from '../../ir/part.ts'
import type { DeriveId, WaitingCalls } from './call-id.ts'
import { Fields, flag, member, text } from './fields.ts'
import { decodeFileData, decodeInlineData } from './media.ts'
import { decodeCall, decodeSignature } from './tool-call.ts'
import { decodeResult } from './tool-result.ts'
import { dialect, withMark } from './wire.ts'

/** A thought that this wire wrote: it may go back to it, signed or not. */
export const thoughtMark = '$thought'

/** The one data field of a part (SDK 3.1.0 `Part`), by which kind of part it makes. */
const spoken = ['functionCall', 'functionResponse', 'inlineData', 'fileData'] as const
/** What the provider runs itself: echoed with its signature, never shown as a call to run (card 4). */
const hosted = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'] as const

type Known = (typeof spoken)[number] | 'text'

function dataOf(wire: JsonObject): Known | undefined {
  const found = spoken.find(key => member(wire, key) !== undefined)
  return found ?? (member(wire, 'text') === undefined ? undefined : 'text')
}

/** The calls before this part, and what names those that come without an id. */
export interface PartContext {
  readonly waiting: WaitingCalls
  readonly deriveId: DeriveId
}

/** A part of a content to a part of the model. What it has no word for is kept verbatim. */
export function decodePart(wire: JsonObject, path: string, faults: Fault[], context: PartContext): Part {
  const data = dataOf(wire)
  const isThought = member(wire, 'thought') === true
  // An image or a call in a thought is a step on the way, no part of the answer.
  if (data === undefined || (isThought && data !== 'text')) return decodeVerbatim(wire, isThought)
  const fields = new Fields(wire, path, faults)
  switch (data) {
    case 'text':
      return decodeText(fields)
    case 'functionCall': {
      const call = decodeCall(fields, context.deriveId)
      context.waiting.add(call)
      return call
    }
    case 'functionResponse':
      return decodeResult(fields, context.waiting)
    case 'inlineData':
    case 'fileData': {
      const media = data === 'inlineData' ? decodeInlineData(fields) : decodeFileData(fields)
      return defined({ ...media, opaque: decodeSignature(fields), extra: fields.extra() })
    }
  }
}

function decodeVerbatim(wire: JsonObject, isThought: boolean): Part {
  const run = hosted.find(key => member(wire, key) !== undefined)
  if (run !== undefined && !isThought) return { kind: 'hosted-tool', dialect, type: run, value: wire }
  const [key = 'part'] = Object.keys(wire).filter(name => name !== 'thought')
  return { kind: 'unknown', dialect, type: isThought ? 'thought' : key, value: wire }
}

/** Text, or a thought in words: Google shows summaries of thoughts, and calls them thoughts. */
function decodeText(fields: Fields): TextPart | ThinkingPart {
  const said = fields.need('text', text, '')
  const isThought = fields.take('thought', flag)
  const opaque = decodeSignature(fields)
  if (isThought === false) fields.keep('thought', false)
  if (isThought !== true) return defined({ kind: 'text', text: said, opaque, extra: fields.extra() })
  const extra = withMark(fields.extra(), thoughtMark, true)
  return defined({ kind: 'thinking', text: said, opaque, extra })
}
