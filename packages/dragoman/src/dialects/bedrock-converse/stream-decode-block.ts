import { defined, isList, parseText } from '../../core/codec/values.ts'
import type { Event, PartDeltaEvent } from '../../ir/event.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { HostedToolPart, MediaPart, Part } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { sealed, unsigned } from './block-decode.ts'
import { decodeCitation } from './citations.ts'
import { asExtra, dialect } from './wire.ts'

type Delta = Omit<PartDeltaEvent, 'type' | 'candidate' | 'part'>

/** The part that a block's start opens; undefined where it does not tell (text and reasoning open with their first delta). */
export function openedBy(start: JsonObject): Part | undefined {
  const { toolUse, toolResult, image } = start
  if (isObject(toolUse)) {
    if (typeof toolUse.type === 'string') return hosted(toolUse.type, { toolUse })
    const { toolUseId, name, ...rest } = toolUse
    const [id, called] = [textOf(toolUseId), textOf(name)]
    const extra = Object.keys(rest).length === 0 ? undefined : asExtra({ toolUse: rest })
    return defined({ kind: 'tool-call', type: 'function', id, name: called, arguments: '', extra })
  }
  if (isObject(toolResult)) return hosted(textOf(toolResult.type), { toolResult })
  if (isObject(image)) {
    const source = { type: 'base64', mediaType: `image/${textOf(image.format)}`, data: '' } as const // literals of a source
    return { kind: 'media', media: 'image', source } satisfies MediaPart
  }
  const [member] = Object.keys(start)
  return member === undefined ? undefined : { kind: 'unknown', dialect, type: member, value: start }
}

/** The part that a first delta opens without a start. */
export function impliedBy(delta: JsonObject): Part | undefined {
  if (typeof delta.text === 'string' || isObject(delta.citation)) return { kind: 'text', text: '' }
  if (isObject(delta.reasoningContent)) return { kind: 'thinking', text: '' }
  return undefined
}

const hosted = (type: string, value: JsonObject): HostedToolPart => ({
  kind: 'hosted-tool',
  dialect,
  type,
  value,
})

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

/** A content block while its stream is open: deltas in, events of its part out. */
export class OpenBlock {
  readonly kind: Part['kind']
  private readonly index: number
  private readonly part: Part
  /** Length of the text so far; citations cover it all. */
  private length = 0
  private readonly citations: JsonObject[] = []
  private hasInput = false
  /** What the provider's own call or result is given in pieces. */
  private input = ''
  private readonly content: JsonValue[] = []
  private signature = ''
  private redacted: string | undefined

  constructor(index: number, part: Part) {
    this.index = index
    this.part = part
    this.kind = part.kind
  }

  start(out: Event[]): void {
    out.push({ type: 'part-start', candidate: 0, part: this.index, open: this.part })
  }

  /** Whether the delta was for this block. */
  push(delta: JsonObject, out: Event[]): boolean {
    const { text, toolUse, reasoningContent, citation, toolResult, image } = delta
    switch (this.kind) {
      case 'text':
        if (isObject(citation)) this.citations.push(citation)
        return isObject(citation) || this.pushText(text, out)
      case 'thinking':
        return isObject(reasoningContent) && this.pushReasoning(reasoningContent, out)
      case 'tool-call':
        return isObject(toolUse) && this.pushInput(toolUse.input, out)
      case 'hosted-tool':
        return isObject(toolUse) ? this.pushHosted(toolUse.input) : this.pushResult(toolResult)
      case 'media':
        return isObject(image) && this.pushImage(image, out)
      default:
        return false
    }
  }

  private pushText(text: JsonValue | undefined, out: Event[]): boolean {
    if (typeof text !== 'string') return false
    this.length += text.length
    if (text !== '') this.delta({ text }, out)
    return true
  }

  /** Text, then what seals it. Both may come in pieces. */
  private pushReasoning(wire: JsonObject, out: Event[]): boolean {
    const { text, signature, redactedContent } = wire
    if (typeof redactedContent === 'string') {
      // What is redacted is a block of its own: it has no text.
      if (this.length > 0) return false
      this.redacted =
        this.redacted === undefined ? redactedContent : joinBase64(this.redacted, redactedContent)
      this.delta({ opaque: sealed('redacted', this.redacted) }, out)
    } else if (typeof signature === 'string') {
      this.signature += signature
      if (this.signature !== '') this.delta({ opaque: sealed('signature', this.signature) }, out)
    } else return this.pushText(text, out)
    return true
  }

  private pushInput(input: JsonValue | undefined, out: Event[]): boolean {
    if (typeof input !== 'string') return false
    if (input === '') return true
    this.hasInput = true
    this.delta({ args: input }, out)
    return true
  }

  private pushHosted(input: JsonValue | undefined): boolean {
    if (typeof input !== 'string') return false
    this.input += input
    return true
  }

  private pushResult(pieces: JsonValue | undefined): boolean {
    if (!isList(pieces)) return false
    this.content.push(...pieces)
    return true
  }

  private pushImage(image: JsonObject, out: Event[]): boolean {
    const { source } = image
    if (!isObject(source) || typeof source.bytes !== 'string') return false
    this.delta({ data: source.bytes }, out)
    return true
  }

  /** A call without input is called with nothing, which is an empty object (trap 16). */
  end(out: Event[]): void {
    const { part } = this
    if (part.kind === 'tool-call' && !this.hasInput) this.delta({ args: '{}' }, out)
    for (const citation of this.citations) {
      const annotation = decodeCitation(citation, this.length)
      out.push({ type: 'annotation', candidate: 0, part: this.index, annotation })
    }
    const close = this.closed()
    out.push(defined({ type: 'part-end', candidate: 0, part: this.index, close }))
  }

  private delta(more: Delta, out: Event[]): void {
    out.push({ type: 'part-delta', candidate: 0, part: this.index, ...more })
  }

  /** What was known only at the end: a whole call or result of the provider's own, or that nobody signed. */
  private closed(): Part | undefined {
    const { part } = this
    if (part.kind === 'thinking' && this.signature === '' && this.redacted === undefined) {
      return { ...part, extra: { [dialect]: { [unsigned]: true } } }
    }
    if (part.kind !== 'hosted-tool') return undefined
    const { toolUse, toolResult } = part.value
    if (isObject(toolUse))
      return { ...part, value: { toolUse: { ...toolUse, input: parseText(this.input) ?? {} } } }
    return {
      ...part,
      value: { toolResult: { ...(isObject(toolResult) && toolResult), content: this.content } },
    }
  }
}

/** Base64 of the bytes of two, in a row. */
function joinBase64(first: string, second: string): string {
  try {
    return btoa(atob(first) + atob(second))
  } catch {
    return first + second
  }
}
