import type { Notes } from '../../core/codec/notes.ts'
import { parseInput, wrapFreeText, wrapInvalid } from '../../core/codec/tool-input.ts'
import { isList } from '../../core/codec/values.ts'
import type { AnnotationEvent, PartDeltaEvent, PartEndEvent } from '../../ir/event.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Opaque } from '../../ir/opaque.ts'
import type { Part } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { encodeBlocks, isOwnOpaque } from './block-encode.ts'
import { encodeCitation } from './citations.ts'
import { writeEvent } from './stream-frame.ts'
import { dialect, ownExtra, withExtra } from './wire.ts'

/** What happens to one part between its start and its end. */
export type BlockEvent = PartDeltaEvent | AnnotationEvent | PartEndEvent

/** What a block needs of the stream it stands in. */
export interface BlockHost {
  readonly notes: Notes
  /** The next free block index: they have to be contiguous, and not every part becomes a block. */
  nextIndex(): number
}

/** A part as a content block of an encoded stream. */
export abstract class WrittenBlock {
  protected readonly path: string
  protected readonly host: BlockHost
  private index = -1

  constructor(path: string, host: BlockHost) {
    this.path = path
    this.host = host
  }

  /** What is written before anything else came. */
  begin(): string {
    return ''
  }

  abstract push(event: BlockEvent): string

  /** What is left to say, and the stop of what was opened. */
  close(): string {
    return this.index < 0 ? '' : writeEvent('contentBlockStop', { contentBlockIndex: this.index })
  }

  protected open(start: JsonObject): string {
    return writeEvent('contentBlockStart', { start, contentBlockIndex: this.take() })
  }

  protected delta(delta: JsonObject): string {
    return writeEvent('contentBlockDelta', { contentBlockIndex: this.take(), delta })
  }

  private take(): number {
    if (this.index < 0) this.index = this.host.nextIndex()
    return this.index
  }

  /** What a delta may carry and this wire has no place for. */
  protected lose(event: BlockEvent): void {
    const { notes } = this.host
    if (event.type === 'annotation') {
      notes.add('dropped', `${this.path}.annotations`, 'only text carries citations here')
    }
    if (event.type !== 'part-delta') return
    notes.foreign(event, this.path, 'reply')
    if (event.logprobs !== undefined)
      notes.add('dropped', `${this.path}.logprobs`, 'there are no logprobs here')
  }
}

const noSeal = 'only reasoning carries a signature here'

/** Text, the text of a refusal, the words of a voice. Its deltas open it, so that there are no empty blocks. */
class TextBlock extends WrittenBlock {
  private length = 0

  push(event: BlockEvent): string {
    if (event.type === 'annotation') {
      const at = `${this.path}.annotations`
      const citation = encodeCitation(event.annotation, this.length, at, this.host.notes)
      return citation === undefined ? '' : this.delta({ citation })
    }
    this.lose(event)
    if (event.type !== 'part-delta') return ''
    if (event.opaque !== undefined) this.host.notes.add('dropped', `${this.path}.opaque`, noSeal)
    return this.write(event.text ?? '')
  }

  protected write(text: string): string {
    this.length += text.length
    return text === '' ? '' : this.delta({ text })
  }
}

/** Generated media that has words: they are what can be said of it. */
class VoiceBlock extends TextBlock {
  private readonly transcript: string

  constructor(transcript: string, path: string, host: BlockHost) {
    super(path, host)
    this.transcript = transcript
  }

  override begin(): string {
    return this.write(this.transcript)
  }
}

/** Reasoning, its signature last. */
class ThinkingBlock extends WrittenBlock {
  private seal: Opaque | undefined
  /** Where the last text came from: a part of the summary, or the reasoning itself. */
  private shown: number | 'text' | undefined

  constructor(opaque: Opaque | undefined, path: string, host: BlockHost) {
    super(path, host)
    this.hold(opaque)
  }

  push(event: BlockEvent): string {
    this.lose(event)
    if (event.type !== 'part-delta') return ''
    this.hold(event.opaque)
    if (this.seal?.form === 'redacted') return ''
    const { summary } = event
    return this.paragraph(summary?.index, summary?.text ?? '') + this.paragraph('text', event.text ?? '')
  }

  override close(): string {
    const { seal } = this
    if (seal === undefined) return super.close()
    // What is redacted has no text.
    const isRedacted = seal.form === 'redacted'
    const content: JsonObject = isRedacted ? { redactedContent: seal.data } : { signature: seal.data }
    return this.delta({ reasoningContent: content }) + super.close()
  }

  private hold(opaque: Opaque | undefined): void {
    if (isOwnOpaque(opaque)) this.seal = opaque
    else if (opaque !== undefined) {
      this.host.notes.add('dropped', `${this.path}.opaque`, 'only its maker can read it')
    }
  }

  /** Text with a blank line between the parts of a summary and the reasoning itself. */
  private paragraph(source: number | 'text' | undefined, text: string): string {
    if (text === '') return ''
    const gap = this.shown !== undefined && this.shown !== source ? '\n\n' : ''
    this.shown = source
    return this.delta({ reasoningContent: { text: gap + text } })
  }
}

type CallPart = Extract<Part, { readonly kind: 'tool-call' }>

/** A call: its id and name at the start, its input as JSON text in pieces; text that is no object is wrapped whole. */
class CallBlock extends WrittenBlock {
  private readonly part: CallPart
  private written = ''
  private isObject = false

  constructor(part: CallPart, path: string, host: BlockHost) {
    super(path, host)
    this.part = part
    this.written = part.arguments
  }

  override begin(): string {
    const { part } = this
    if (part.opaque !== undefined) this.host.notes.add('dropped', `${this.path}.opaque`, noSeal)
    const extra = ownExtra(part)?.toolUse
    const toolUse = { toolUseId: part.id, name: part.name }
    return this.open({ toolUse: withExtra(toolUse, isObject(extra) ? extra : undefined) })
  }

  push(event: BlockEvent): string {
    this.lose(event)
    if (event.type !== 'part-delta') return ''
    if (event.opaque !== undefined) this.host.notes.add('dropped', `${this.path}.opaque`, noSeal)
    const args = event.args ?? ''
    if (this.isObject) return args === '' ? '' : this.input(args)
    this.written += args
    // Free text is wrapped as a whole, so is what does not begin like an object.
    if (this.part.type === 'custom' || !this.written.trimStart().startsWith('{')) return ''
    this.isObject = true
    return this.input(this.written)
  }

  override close(): string {
    return (this.isObject ? '' : this.rest()) + super.close()
  }

  private rest(): string {
    const { part, written } = this
    if (part.type === 'custom') {
      this.host.notes.add('emulated', this.path, 'free text is the only property of an input object here')
      return this.input(JSON.stringify(wrapFreeText(written)))
    }
    const input = parseInput(written)
    if (input !== undefined) return this.input(JSON.stringify(input))
    const reason = `the arguments of ${part.id} are not a JSON object`
    this.host.notes.add('approximated', `${this.path}.arguments`, reason)
    return this.input(JSON.stringify(wrapInvalid(written)))
  }

  private input(input: string): string {
    return this.delta({ toolUse: { input } })
  }
}

/** Generated media as its bytes arrive. */
class ImageBlock extends WrittenBlock {
  private readonly block: JsonObject

  constructor(block: JsonObject, path: string, host: BlockHost) {
    super(path, host)
    this.block = block
  }

  override begin(): string {
    const { source, ...image } = isObject(this.block.image) ? this.block.image : {}
    const isEmpty = isObject(source) && source.bytes === ''
    return this.open({ image }) + (isEmpty || source === undefined ? '' : this.delta({ image: { source } }))
  }

  push(event: BlockEvent): string {
    this.lose(event)
    const data = event.type === 'part-delta' ? event.data : undefined
    return data === undefined ? '' : this.delta({ image: { source: { bytes: data } } })
  }
}

/** A block of this wire that the provider made for itself: it is written whole at its end. */
class VerbatimBlock extends WrittenBlock {
  private value: JsonObject

  constructor(value: JsonObject, path: string, host: BlockHost) {
    super(path, host)
    this.value = value
  }

  push(event: BlockEvent): string {
    this.lose(event)
    const closed = event.type === 'part-end' ? event.close : undefined
    if (closed?.kind === 'hosted-tool' || closed?.kind === 'unknown') this.value = closed.value
    return ''
  }

  override close(): string {
    const { toolUse, toolResult } = this.value
    if (isObject(toolUse)) {
      const { input = {}, ...start } = toolUse
      return (
        this.open({ toolUse: start }) +
        this.delta({ toolUse: { input: JSON.stringify(input) } }) +
        super.close()
      )
    }
    if (!isObject(toolResult)) return this.open(this.value) + super.close()
    const { content, ...start } = toolResult
    const pieces: readonly JsonValue[] = isList(content) ? content : []
    const said = pieces.length === 0 ? '' : this.delta({ toolResult: pieces })
    return this.open({ toolResult: start }) + said + super.close()
  }
}

/** A part that cannot be said: whatever comes for it is gone, and its start was noted. */
class LostBlock extends WrittenBlock {
  push(): string {
    return ''
  }
}

/** The block for a part. */
export function createBlock(part: Part, path: string, host: BlockHost): WrittenBlock {
  const { notes } = host
  if (part.kind !== 'media' && part.kind !== 'hosted-tool' && part.kind !== 'unknown') {
    notes.foreign(part, path, 'reply')
  }
  if (part.cache !== undefined) notes.add('dropped', `${path}.cache`, 'an answer has no cache points')
  switch (part.kind) {
    case 'refusal':
      notes.add('renamed', path, 'a refusal is text here')
      return new TextBlock(path, host)
    case 'text':
      return new TextBlock(path, host)
    case 'thinking':
      return new ThinkingBlock(part.opaque, path, host)
    case 'tool-call':
      return new CallBlock(part, path, host)
    case 'media':
      return createMedia(part, path, host)
    case 'hosted-tool':
    case 'unknown':
      if (part.dialect === dialect) return new VerbatimBlock(part.value, path, host)
      notes.add('dropped', path, `only ${part.dialect} has ${part.type}`)
      return new LostBlock(path, host)
    case 'tool-result':
      notes.add('dropped', path, 'an answer has no tool results here')
      return new LostBlock(path, host)
  }
}

function createMedia(part: Extract<Part, { readonly kind: 'media' }>, path: string, host: BlockHost) {
  const { notes } = host
  if (part.transcript !== undefined || part.media === 'audio') {
    notes.add('approximated', path, 'a voice is its transcript here')
    return new VoiceBlock(part.transcript ?? '', path, host)
  }
  const [block] = encodeBlocks(part, path, { side: 'reply', notes, signedOnly: false })
  if (block !== undefined && isObject(block.image)) return new ImageBlock(block, path, host)
  if (block !== undefined) notes.add('dropped', path, `a stream has no ${part.media} here`)
  return new LostBlock(path, host)
}
