import type { Notes, Side } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Part, TextPart, ThinkingPart, ToolCallPart } from '../../ir/part.ts'
import { encodeCitation } from './citations.ts'
import { noteUncarried, shownThinking } from './content.ts'
import { encodeLogprob } from './logprobs.ts'
import { dialect, merged, objectsOf, ownExtra, withExtra } from './wire.ts'

/** Why log probabilities go with a text that says nothing. */
export const emptyText = 'a text that says nothing is left out here'

/** An assistant's message being written, piece by piece. */
class Message {
  readonly content: JsonObject[] = []
  readonly plan: string[] = []
  readonly calls: JsonObject[] = []
  readonly citations: JsonObject[] = []
  readonly logprobs: JsonObject[] = []
  /** Text beside calls is refused by the API, so it is the plan there (trap COH-04). */
  readonly textIsPlan: boolean
  readonly side: Side
  readonly notes: Notes

  constructor(parts: readonly Part[], side: Side, notes: Notes) {
    this.textIsPlan = side === 'request' && parts.some(part => part.kind === 'tool-call')
    this.side = side
    this.notes = notes
  }

  add(part: Part, path: string): void {
    noteUncarried(part, path, this.side, this.notes)
    switch (part.kind) {
      case 'text':
        this.addText(part, path)
        return
      case 'refusal':
        if (part.text !== '') this.notes.add('renamed', path, 'a refusal is text here')
        this.addText({ kind: 'text', text: part.text, logprobs: part.logprobs ?? [] }, path)
        return
      case 'thinking':
        this.addThinking(part, path)
        return
      case 'tool-call':
        this.calls.push(encodeToolCall(part, path, this.notes))
        return
      case 'media':
        this.addMedia(part.transcript, path)
        return
      case 'tool-result':
        this.notes.add('dropped', path, 'an assistant has no tool results here')
        return
      case 'hosted-tool':
      case 'unknown':
        if (part.dialect === dialect) this.content.push(part.value)
        else {
          // A hosted tool's trace may go, what a caller says may not.
          const isSaid = this.side === 'request' && part.kind === 'unknown'
          this.notes.add(isSaid ? 'refused' : 'dropped', path, `only ${part.dialect} has ${part.type}`)
        }
    }
  }

  private addText(part: TextPart, path: string): void {
    if (part.text === '') {
      if (part.logprobs?.length) this.notes.add('dropped', `${path}.logprobs`, emptyText)
      return
    }
    if (this.side === 'reply') this.logprobs.push(...(part.logprobs ?? []).map(encodeLogprob))
    this.addCitations(part, path)
    if (this.textIsPlan) {
      this.notes.add('renamed', path, 'what is said beside tool calls is the tool plan here')
      this.plan.push(part.text)
      return
    }
    this.content.push(withExtra({ type: 'text', text: part.text }, ownExtra(part)))
  }

  private addCitations(part: TextPart, path: string): void {
    for (const [index, annotation] of (part.annotations ?? []).entries()) {
      const at = `${path}.annotations[${index}]`
      const isOwn = ownExtra(annotation) !== undefined
      if (this.side === 'request' && (!isOwn || this.textIsPlan)) {
        this.notes.add('dropped', at, 'a history carries the citations of its own answers only here')
        continue
      }
      const citation = encodeCitation(annotation, part.text, this.content.length, at, this.notes)
      if (citation !== undefined) this.citations.push(citation)
    }
  }

  private addThinking(part: ThinkingPart, path: string): void {
    const shown = shownThinking(part)
    if (ownExtra(part)?.$plan === true) this.plan.push(shown)
    else if (shown !== '') this.content.push(withExtra({ type: 'thinking', thinking: shown }, ownExtra(part)))
    else if (part.opaque !== undefined)
      this.notes.add('dropped', path, 'thinking that is sealed says nothing here')
  }

  /** Media of an assistant: there is none here, but the words of a voice are text. */
  private addMedia(transcript: string | undefined, path: string): void {
    if (transcript === undefined || transcript === '') {
      this.notes.add(
        this.side === 'request' ? 'refused' : 'dropped',
        path,
        'an assistant says text only here',
      )
      return
    }
    this.notes.add('approximated', path, 'a voice is its transcript here')
    this.addText({ kind: 'text', text: transcript }, path)
  }
}

function encodeToolCall(part: ToolCallPart, path: string, notes: Notes): JsonObject {
  if (part.type === 'custom')
    notes.add('emulated', path, 'free text is the only property of an input object here')
  const core = { name: part.name, arguments: encodeArguments(part) }
  const extra = ownExtra(part)
  return withExtra({ id: part.id, type: 'function', function: merged(core, extra?.function) }, extra)
}

/** Arguments as text, which is what the wire carries; no arguments are an empty object (card, section 4). */
export function encodeArguments(part: ToolCallPart): string {
  if (part.type === 'custom') return JSON.stringify({ input: part.arguments })
  return part.arguments === '' || part.arguments === 'null' ? '{}' : part.arguments
}

/** Parts as the fields of an assistant's message, and the log probabilities that an answer keeps beside it. */
export function encodeAssistant(
  parts: readonly Part[],
  path: string,
  side: Side,
  extra: JsonObject | undefined,
  notes: Notes,
): { readonly message: JsonObject; readonly logprobs: readonly JsonObject[] } {
  const message = new Message(parts, side, notes)
  for (const [index, part] of parts.entries()) message.add(part, `${path}[${index}]`)
  const { content, plan, calls, logprobs } = message
  const citations = [...message.citations, ...objectsOf(extra?.citations)]
  const isSilent = content.length === 0 && (plan.length > 0 || calls.length > 0)
  const core = defined({
    role: 'assistant',
    content: isSilent ? undefined : content,
    tool_plan: plan.length === 0 ? undefined : plan.join('\n'),
    tool_calls: calls.length === 0 ? undefined : calls,
    citations: citations.length === 0 ? undefined : citations,
  })
  return { message: withExtra(core, extra), logprobs }
}
