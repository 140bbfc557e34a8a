import type { Notes } from '../../core/codec/notes.ts'
import type { Reading } from '../../core/codec/reading.ts'
import { isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Part, UnknownPart } from '../../ir/part.ts'
import type { GenerateRequest, Turn } from '../../ir/request.ts'
import { dialect, ownExtra } from './wire.ts'

/** A prompt that the model has no word for, as a part of this wire: ids of tokens, or several prompts at once. */
type PromptPart = UnknownPart & { readonly type: 'token-ids' | 'prompts' }

const promptPart = (type: PromptPart['type'], value: JsonObject): Part => ({
  kind: 'unknown',
  dialect,
  type,
  value,
})

const isIds = (value: JsonValue): value is readonly number[] =>
  isList(value) && value.length > 0 && value.every(id => Number.isInteger(id) && Number(id) >= 0)

/**
 * The four forms of `prompt`: a text, texts, the tokens of one, the tokens of several. One text becomes what a user
 * says; a list of one is that one, and remembers that it was a list. Undefined (and a fault) for anything else; null is
 * the absence of a prompt, for which no conversation stands.
 */
export function decodePrompt(reading: Reading, prompt: JsonValue | undefined): readonly Turn[] {
  if (prompt === undefined || prompt === null) {
    reading.missing('prompt')
    return []
  }
  if (isList(prompt) && prompt.length === 1) {
    const [only = null] = prompt
    const part = isIds(prompt) ? undefined : partOf(only)
    if (part !== undefined) return [{ role: 'user', parts: [part], extra: { [dialect]: { $list: true } } }]
  }
  const part = partOf(prompt)
  if (part !== undefined) return [{ role: 'user', parts: [part] }]
  const several = isList(prompt) && prompt.length > 1 && prompt.every(one => partOf(one) !== undefined)
  if (several) return [{ role: 'user', parts: [promptPart('prompts', { prompts: prompt })] }]
  reading.fail(
    'prompt',
    "Invalid 'prompt': expected a string, a list of strings or of token ids, or a list of lists of token ids, none of them empty.",
  )
  return []
}

/** One prompt as a part; undefined where it is none. */
function partOf(prompt: JsonValue): Part | undefined {
  if (typeof prompt === 'string') return { kind: 'text', text: prompt }
  return isIds(prompt) ? promptPart('token-ids', { ids: prompt }) : undefined
}

/** The prompts of a request that has several; undefined where it has one. */
function severalOf(request: GenerateRequest): readonly JsonValue[] | undefined {
  const part = request.turns[0]?.parts[0]
  if (part?.kind !== 'unknown' || part.dialect !== dialect || part.type !== 'prompts') return undefined
  return isList(part.value.prompts) ? part.value.prompts : undefined
}

/** A request with several prompts as one request each (decision 0010); undefined where it has one. */
export function splitPrompts(request: GenerateRequest): readonly GenerateRequest[] | undefined {
  return severalOf(request)?.map(prompt => {
    const part = partOf(prompt)
    return { ...request, turns: [{ role: 'user', parts: part === undefined ? [] : [part] }] }
  })
}

/**
 * A conversation as a prompt. What one user says is one; anything else has no form here: models of this wire complete a
 * text and know no roles, and inventing a layout would ask another question.
 */
export function encodePrompt(request: GenerateRequest, notes: Notes): JsonValue {
  const { turns, instructions } = request
  const [turn, ...others] = turns
  if (turn?.role !== 'user' || others.length > 0 || (instructions?.length ?? 0) > 0)
    notes.add('refused', 'turns', 'there are no conversations here, only a text to go on with')
  const prompts = turns.flatMap(({ parts }, index) =>
    parts.map((part, position) => encodePart(part, `turns[${index}].parts[${position}]`, notes)),
  )
  for (const [index, one] of turns.entries()) {
    notes.foreign(one, `turns[${index}]`)
    if (one.name !== undefined)
      notes.add('dropped', `turns[${index}].name`, 'participants have no names here')
  }
  const said = prompts.filter(prompt => prompt !== undefined)
  const [first = ''] = said
  const prompt = said.length > 1 ? said.filter(one => typeof one === 'string').join('\n\n') : first
  return ownExtra(turn)?.$list === true ? [prompt] : prompt
}

function encodePart(part: Part, path: string, notes: Notes): JsonValue | undefined {
  notes.foreign(part, path)
  if (part.cache !== undefined) notes.add('dropped', `${path}.cache`, 'there are no cache markers here')
  if (part.opaque !== undefined) notes.add('dropped', `${path}.opaque`, 'only its maker can read it')
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return part.text
    case 'unknown':
      if (part.dialect === dialect) return part.value.ids ?? part.value.prompts
      notes.add('refused', path, `only ${part.dialect} has ${part.type}`)
      return undefined
    case 'thinking':
    case 'hosted-tool':
      notes.add('dropped', path, `a prompt has no ${part.kind} here`)
      return undefined
    case 'media':
    case 'tool-call':
    case 'tool-result':
      notes.add('refused', path, `a prompt has no ${part.kind} here`)
      return undefined
  }
}

/** Characters of the prompt's text, from which the offsets of an answer's tokens go on; 0 where it is not one text. */
export function promptLength(request: GenerateRequest): number {
  const part = request.turns[0]?.parts[0]
  return request.turns.length === 1 && part?.kind === 'text' ? part.text.length : 0
}
