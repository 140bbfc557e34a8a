import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Part } from '../../ir/part.ts'
import type { GenerateRequest, Turn } from '../../ir/request.ts'
import { decodeContent } from './block-decode.ts'
import { asContent, encodeBlock } from './block-encode.ts'
import { content, fieldsOf, objects, text } from './fields.ts'
import { dialect, ownExtra, withExtra } from './wire.ts'

const roles: readonly string[] = ['user', 'assistant', 'system']

/** Marks a system turn that stood in the list already: this wire may say it there again (card 4.1, rule 5). */
const inList = { [dialect]: { role: 'system' } }

/**
 * A message to the turns it holds. The results of tools are a turn of their own before the rest of a user message;
 * the API demands them first, so that joining the two gives the same message.
 */
function decodeMessage(wire: JsonObject, path: string, faults: Fault[]): readonly Turn[] {
  const fields = fieldsOf(wire, path, faults)
  const role = fields.need('role', text, 'user')
  if (!roles.includes(role)) fields.fail('role', "Input should be 'user', 'assistant' or 'system'")
  const said = fields.need('content', content, '')
  const parts = decodeContent(said, fields.pathOf('content'), faults)
  const extra = fields.extra()
  if (role === 'assistant') return [defined({ role: 'assistant', parts, extra })]
  if (role === 'system') {
    return [{ role: 'system', parts, extra: { [dialect]: { ...extra?.[dialect], ...inList[dialect] } } }]
  }
  const results = parts.filter(part => part.kind === 'tool-result')
  if (results.length === 0) return [defined({ role: 'user', parts, extra })]
  const tool: Turn = defined({ role: 'tool', parts: results, extra })
  const rest = parts.filter(part => part.kind !== 'tool-result')
  return rest.length === 0 ? [tool] : [tool, { role: 'user', parts: rest }]
}

export function decodeMessages(fields: Fields): readonly Turn[] {
  const wire = fields.need('messages', objects, [])
  return wire.flatMap((message, index) => decodeMessage(message, `messages[${index}]`, fields.faults))
}

/** A message being written, and whose it is. */
interface Draft {
  readonly role: 'user' | 'assistant' | 'system'
  readonly blocks: readonly JsonObject[]
  readonly extra: JsonObject | undefined
}

const isSystem = (turn: Turn): boolean => turn.role === 'system' || turn.role === 'developer'
const standsInList = (turn: Turn): boolean => ownExtra(turn)?.role === 'system'

/**
 * The turns as `system` and `messages`. Leading system and developer turns join the instructions in order, each text
 * a block of its own so that cache markers keep their place (trap 32); turns of one role in a row become one message
 * with tool results first (traps 6 and 7).
 */
export function encodeConversation(
  request: GenerateRequest,
  notes: Notes,
): { readonly system: JsonValue | undefined; readonly messages: readonly JsonObject[] } {
  const { turns, instructions } = request
  const firstOther = turns.findIndex(turn => !isSystem(turn) || standsInList(turn))
  const leading = firstOther < 0 ? turns.length : firstOther
  const system = encodeSystem(instructions ?? [], 'instructions', notes)
  const drafts: Draft[] = []
  for (const [index, turn] of turns.entries()) {
    const path = `turns[${index}]`
    noteTurn(turn, path, notes)
    if (index < leading) system.push(...encodeSystem(turn.parts, `${path}.parts`, notes))
    else addDraft(drafts, encodeTurn(turn, path, notes), path, notes)
  }
  if (drafts.length === 0) notes.add('refused', 'turns', 'at least one message is required here')
  const messages = trimLast(drafts, notes).map(draft =>
    withExtra({ role: draft.role, content: asContent(draft.blocks) }, draft.extra),
  )
  // Said as an empty list it is an empty list again.
  const isSaid = system.length > 0 || instructions?.length === 0
  return { system: isSaid ? asContent(system) : undefined, messages }
}

/** What a turn may carry and this wire has no place for. */
function noteTurn(turn: Turn, path: string, notes: Notes): void {
  notes.foreign(turn, path)
  if (turn.name !== undefined) notes.add('dropped', `${path}.name`, 'participants have no names here')
  if (turn.items?.some(item => item.phase !== undefined)) {
    notes.add('dropped', `${path}.items`, 'messages have no phase here')
  }
}

function encodeSystem(parts: readonly Part[], path: string, notes: Notes): JsonObject[] {
  const blocks: JsonObject[] = []
  for (const [index, part] of parts.entries()) {
    const block = encodeBlock(part, `${path}[${index}]`, 'request', notes)
    if (block?.type === 'text') blocks.push(block)
    else if (block !== undefined)
      notes.add('refused', `${path}[${index}]`, 'the system prompt is text only here')
  }
  return blocks
}

function encodeTurn(turn: Turn, path: string, notes: Notes): Draft {
  const blocks: JsonObject[] = []
  for (const [index, part] of turn.parts.entries()) {
    const partPath = `${path}.parts[${index}]`
    const block = encodeBlock(part, partPath, 'request', notes)
    if (block === undefined) continue
    if (turn.role === 'assistant' && block.type === 'image') {
      notes.add('refused', partPath, 'an assistant message has no images here')
    } else blocks.push(block)
  }
  const extra = ownExtra(turn)
  if (turn.role === 'assistant') return { role: 'assistant', blocks, extra }
  if (isSystem(turn)) {
    if (standsInList(turn)) return { role: 'system', blocks, extra }
    notes.add('approximated', path, `a ${turn.role} turn between others is said as the user here`)
  }
  return { role: 'user', blocks, extra }
}

const isResult = (block: JsonObject): boolean => block.type === 'tool_result'

/** Tool results before anything else: the API refuses them anywhere later (card 4.1, rule 2). */
function resultsFirst(blocks: readonly JsonObject[], path: string, notes: Notes): readonly JsonObject[] {
  const results = blocks.filter(isResult)
  const sorted = [...results, ...blocks.filter(block => !isResult(block))]
  if (sorted.some((block, index) => block !== blocks[index])) {
    notes.add('approximated', path, 'tool results stand first in a message here')
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

/** The end of a final assistant message: models that take one refuse white space there (trap 29). */
function trimLast(drafts: readonly Draft[], notes: Notes): readonly Draft[] {
  const last = drafts.at(-1)
  if (last?.role !== 'assistant') return drafts
  const blocks = trimBlocks(last.blocks)
  if (blocks === last.blocks) return drafts
  notes.add(
    'approximated',
    'turns',
    'white space at the end of a final assistant message is not accepted here',
  )
  const before = drafts.slice(0, -1)
  return blocks.length === 0 ? before : [...before, { ...last, blocks }]
}

function trimBlocks(blocks: readonly JsonObject[]): readonly JsonObject[] {
  const block = blocks.at(-1)
  if (block?.type !== 'text' || typeof block.text !== 'string') return blocks
  const text = block.text.trimEnd()
  if (text === block.text) return blocks
  const before = blocks.slice(0, -1)
  return text === '' ? trimBlocks(before) : [...before, { ...block, text }]
}
