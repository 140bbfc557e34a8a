import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Part } from '../../ir/part.ts'
import type { GenerateRequest, Turn } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { decodeBlocks } from './block-decode.ts'
import { encodeBlocks, type Writing } from './block-encode.ts'
import { DocumentNames, withCompanion } from './documents.ts'
import { fieldsOf, need, objects, text } from './fields.ts'
import { dialect, ownExtra, withExtra } from './wire.ts'

/** SDK 3.1164 `ConversationRole`. */
const roles: readonly string[] = ['user', 'assistant', 'system']

/** Marks a system turn that stood in the list already: this wire may say it there again. */
const inList = '$inList'

/**
 * A message to the turns it holds. The results of tools are a turn of their own before the rest of a user message,
 * which is where the wire wants them, so that joining the two gives the same message.
 */
function decodeMessage(wire: JsonObject, path: string, faults: Fault[]): readonly Turn[] {
  const fields = fieldsOf(wire, path, faults)
  const role = need(fields, 'role', text, 'user')
  if (!roles.includes(role)) fields.fail('role', 'must be user, assistant or system')
  const parts = decodeBlocks(need(fields, 'content', objects, []), fields.pathOf('content'), faults)
  const extra = fields.extra()
  if (role === 'assistant') return [defined({ role: 'assistant', parts, extra })]
  if (role === 'system') {
    return [{ role: 'system', parts, extra: { [dialect]: { ...extra?.[dialect], [inList]: true } } }]
  }
  const results = parts.filter(part => part.kind === 'tool-result')
  if (results.length === 0) return [defined({ role: 'user', parts, extra })]
  const tool: Turn = defined({ role: 'tool', parts: results, extra })
  const rest = parts.filter(part => part.kind !== 'tool-result')
  return rest.length === 0 ? [tool] : [tool, { role: 'user', parts: rest }]
}

export function decodeMessages(fields: Fields): readonly Turn[] {
  const wire = fields.want('messages', objects) ?? []
  return wire.flatMap((message, index) => decodeMessage(message, `messages[${index}]`, fields.faults))
}

/** A message being written, and whose it is. */
interface Draft {
  readonly role: 'user' | 'assistant' | 'system'
  readonly blocks: readonly JsonObject[]
  readonly extra: JsonObject | undefined
}

const isSystem = (turn: Turn): boolean => turn.role === 'system' || turn.role === 'developer'
const standsInList = (turn: Turn): boolean => ownExtra(turn)?.[inList] === true

/**
 * The turns as `system` and `messages`. Leading system and developer turns join the instructions in order, each text a
 * block of its own so that cache points keep their place; turns of one role in a row become one message with the
 * results of tools first, because roles have to alternate.
 */
export function encodeConversation(
  request: GenerateRequest,
  writing: Writing,
): { readonly system: readonly JsonObject[] | undefined; readonly messages: readonly JsonObject[] } {
  const { notes } = writing
  const { turns, instructions } = request
  const firstOther = turns.findIndex(turn => !isSystem(turn) || standsInList(turn))
  const leading = firstOther < 0 ? turns.length : firstOther
  const system = encodeSystem(instructions ?? [], 'instructions', writing)
  const names = new DocumentNames(notes)
  const drafts: Draft[] = []
  for (const [index, turn] of turns.entries()) {
    const path = `turns[${index}]`
    noteTurn(turn, path, notes)
    if (index < leading) system.push(...encodeSystem(turn.parts, `${path}.parts`, writing))
    else {
      const draft = encodeTurn(turn, path, writing)
      addDraft(drafts, { ...draft, blocks: names.distinct(draft.blocks, path) }, path, notes)
    }
  }
  if (drafts.length === 0) notes.add('refused', 'turns', 'at least one message is required here')
  const messages = trimLast(drafts, notes).map(({ role, blocks, extra }) =>
    withExtra({ role, content: role === 'user' ? withCompanion(blocks, 'turns', notes) : blocks }, extra),
  )
  // Said as an empty list it is an empty list again.
  return { system: system.length > 0 || instructions?.length === 0 ? system : undefined, messages }
}

/** What a turn may carry and this wire has no place for. */
function noteTurn(turn: Turn, path: string, notes: Notes): void {
  notes.foreign(turn, path)
  if (turn.name !== undefined) notes.add('dropped', `${path}.name`, 'participants have no names here')
  if (turn.items?.some(item => item.phase !== undefined)) {
    notes.add('dropped', `${path}.items`, 'messages have no phase here')
  }
}

/** SDK 3.1164 `SystemContentBlock`. */
const inSystem: readonly string[] = ['text', 'guardContent', 'cachePoint']

function encodeSystem(parts: readonly Part[], path: string, writing: Writing): JsonObject[] {
  return parts.flatMap((part, index) => {
    const blocks = encodeBlocks(part, `${path}[${index}]`, writing)
    const fits = blocks.filter(block => Object.keys(block).some(member => inSystem.includes(member)))
    if (fits.length === blocks.length) return fits
    writing.notes.add('refused', `${path}[${index}]`, 'the system prompt is text only here')
    return []
  })
}

function encodeTurn(turn: Turn, path: string, writing: Writing): Draft {
  const blocks = turn.parts.flatMap((part, index) => encodeBlocks(part, `${path}.parts[${index}]`, writing))
  const extra = ownExtra(turn)
  if (turn.role === 'assistant') return { role: 'assistant', blocks, extra }
  if (isSystem(turn)) {
    if (standsInList(turn)) return { role: 'system', blocks, extra }
    writing.notes.add('approximated', path, `a ${turn.role} turn between others is said as the user here`)
  }
  return { role: 'user', blocks, extra }
}

/** Results of tools before anything else, each with its cache point (card 4.1). */
function resultsFirst(blocks: readonly JsonObject[], path: string, notes: Notes): readonly JsonObject[] {
  const results: JsonObject[] = []
  const rest: JsonObject[] = []
  let last = rest
  for (const block of blocks) {
    if (!isObject(block.cachePoint)) last = isObject(block.toolResult) ? results : rest
    last.push(block)
  }
  const sorted = [...results, ...rest]
  if (sorted.some((block, index) => block !== blocks[index])) {
    notes.add('approximated', path, 'the results of tools stand first in a message here')
  }
  return sorted
}

function addDraft(drafts: Draft[], draft: Draft, path: string, notes: Notes): void {
  if (draft.blocks.length === 0) {
    notes.add('dropped', path, 'a message that says nothing is not accepted here')
    return
  }
  const last = drafts.at(-1)
  if (last?.role !== draft.role || draft.role === 'system') {
    drafts.push(draft)
    return
  }
  const joined = [...last.blocks, ...draft.blocks]
  const blocks = draft.role === 'user' ? resultsFirst(joined, path, notes) : joined
  const extra = last.extra || draft.extra ? { ...last.extra, ...draft.extra } : undefined
  drafts[drafts.length - 1] = { role: draft.role, blocks, extra }
}

/** The end of a final assistant message: models that take one refuse white space there (trap 27). */
function trimLast(drafts: readonly Draft[], notes: Notes): readonly Draft[] {
  const last = drafts.at(-1)
  const block = last?.blocks.at(-1)
  if (last?.role !== 'assistant' || typeof block?.text !== 'string') return drafts
  const trimmed = block.text.trimEnd()
  if (trimmed === block.text) return drafts
  const reason = 'white space at the end of a final assistant message is not accepted here'
  notes.add('approximated', 'turns', reason)
  return [
    ...drafts.slice(0, -1),
    { ...last, blocks: [...last.blocks.slice(0, -1), { ...block, text: trimmed }] },
  ]
}
