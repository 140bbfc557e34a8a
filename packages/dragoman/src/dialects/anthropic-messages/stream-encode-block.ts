import type { Notes } from '../../core/codec/notes.ts'
import { wrapFreeText, wrapInvalid } from '../../core/codec/tool-input.ts'
import { defined } from '../../core/codec/values.ts'
import type { AnnotationEvent, PartDeltaEvent, PartEndEvent, ProgressEvent } from '../../ir/event.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Opaque } from '../../ir/opaque.ts'
import type { Part } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { writeSse } from '../../wire/sse.ts'
import { isOwnOpaque, noteMarker } from './block-encode.ts'
import { encodeCitation } from './citations.ts'
import { dialect, ownExtra, withExtra } from './wire.ts'

/** What happens to one part between its start and its end. */
export type BlockEvent = PartDeltaEvent | AnnotationEvent | ProgressEvent | PartEndEvent

/** An event of the wire, whose name stands in its type as well: clients ignore events without a name (trap 21). */
export function writeEvent(type: string, fields: JsonObject): string {
  return writeSse({ event: type, data: JSON.stringify({ type, ...fields }) })
}

/** Index and delta put together as text: this is written once a token. */
function writeDelta(index: number, type: string, key: string, text: string): string {
  const delta = `{"type":"${type}","${key}":${JSON.stringify(text)}}`
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":${delta}}\n\n`
}

/** What a block needs of the stream it stands in. */
export interface BlockHost {
  readonly notes: Notes
  /** The next free block index: they have to be contiguous, and not every part becomes a block. */
  nextIndex(): number
}

/** A part as a content block of an encoded stream, from `content_block_start` to `content_block_stop`. */
export abstract class WrittenBlock {
  /** Whether it can be closed before its part ends, and be continued by another block. */
  readonly isDivisible: boolean = false
  protected index = -1
  protected readonly path: string
  protected readonly host: BlockHost

  constructor(path: string, host: BlockHost) {
    this.path = path
    this.host = host
  }

  /** The block's start, where it does not wait for its first content. */
  begin(): string {
    return ''
  }

  abstract push(event: BlockEvent): string

  /** Closes what was opened. */
  close(): string {
    if (this.index < 0) return ''
    const { index } = this
    this.index = -1
    return writeEvent('content_block_stop', { index })
  }

  protected get isOpen(): boolean {
    return this.index >= 0
  }

  protected open(block: JsonObject): string {
    if (this.isOpen) return ''
    this.index = this.host.nextIndex()
    return writeEvent('content_block_start', { index: this.index, content_block: block })
  }

  protected delta(delta: JsonObject): string {
    return writeEvent('content_block_delta', { index: this.index, delta })
  }

  /** A step of this wire's own that the model has no word for, put back into its block. */
  protected pushProgress(event: ProgressEvent): string {
    const { delta } = event.value
    return this.isOpen && isObject(delta) ? this.delta(delta) : ''
  }

  protected lose(event: BlockEvent): string {
    if (event.type === 'part-delta') this.loseDelta(event)
    else if (event.type === 'annotation') {
      this.host.notes.add('dropped', `${this.path}.annotations`, 'only text carries citations here')
    }
    return ''
  }

  /** What a delta may carry and this wire has no place for. */
  protected loseDelta(event: PartDeltaEvent): void {
    const { notes } = this.host
    notes.foreign(event, this.path)
    if (event.logprobs !== undefined)
      notes.add('dropped', `${this.path}.logprobs`, 'there are no logprobs here')
    if (event.data !== undefined) notes.add('dropped', `${this.path}.source`, 'there is no media output here')
  }
}

/** Text, the text of a refusal, the words of a voice: opened by its first content, so that there are no empty blocks. */
class TextBlock extends WrittenBlock {
  override readonly isDivisible = true
  private readonly part: Part
  private readonly onText: (text: string) => void

  constructor(part: Part, path: string, host: BlockHost, onText: (text: string) => void) {
    super(path, host)
    this.part = part
    this.onText = onText
  }

  /** The words that are known at the start already: of a voice that was generated whole. */
  override begin(): string {
    const { part } = this
    if (part.kind !== 'media') return ''
    if (part.transcript === undefined && part.media !== 'audio') {
      this.host.notes.add('dropped', this.path, `there is no ${part.media} output here`)
    }
    return this.write(part.transcript ?? '')
  }

  push(event: BlockEvent): string {
    if (event.type === 'annotation') return this.pushAnnotation(event)
    if (event.type === 'progress') return this.pushProgress(event)
    if (event.type !== 'part-delta') return ''
    if (event.logprobs !== undefined || event.extra !== undefined || event.data !== undefined)
      this.loseDelta(event)
    if (event.opaque !== undefined) {
      this.host.notes.add('dropped', `${this.path}.opaque`, 'only thinking carries a signature here')
    }
    return this.write(event.text ?? '')
  }

  private write(text: string): string {
    if (text === '') return ''
    this.onText(text)
    return this.openText() + writeDelta(this.index, 'text_delta', 'text', text)
  }

  private openText(): string {
    if (this.isOpen) return ''
    const { part } = this
    const citations = part.kind === 'text' && part.annotations !== undefined ? [] : undefined
    return this.open(withExtra(defined({ type: 'text', text: '', citations }), ownExtra(part)))
  }

  /** A citation comes with the text it covers, or it is late. */
  private pushAnnotation(event: AnnotationEvent): string {
    const { notes } = this.host
    const citation = encodeCitation(event.annotation, `${this.path}.annotations`, notes)
    if (citation === undefined) return ''
    if (this.isOpen) return this.delta({ type: 'citations_delta', citation })
    notes.add('dropped', `${this.path}.annotations`, 'the text it belongs to is not open')
    return ''
  }
}

/** Thinking, its signature last. */
class ThinkingBlock extends WrittenBlock {
  override readonly isDivisible = true
  private readonly part: Part
  private signature: string | undefined
  /** Where the last text came from: a part of the summary, or the thinking itself. */
  private shown: number | 'text' | undefined

  constructor(part: Part, path: string, host: BlockHost) {
    super(path, host)
    this.part = part
    this.seal(part.opaque)
  }

  push(event: BlockEvent): string {
    if (event.type === 'progress') return this.openThinking() + this.pushProgress(event)
    if (event.type !== 'part-delta') return this.lose(event)
    this.seal(event.opaque)
    this.loseDelta(event)
    const text = this.shownText(event)
    return text === '' ? '' : this.openThinking() + writeDelta(this.index, 'thinking_delta', 'thinking', text)
  }

  override close(): string {
    const { signature } = this
    this.signature = undefined
    if (signature !== undefined) {
      return (
        this.openThinking() +
        writeDelta(this.index, 'signature_delta', 'signature', signature) +
        super.close()
      )
    }
    if (this.shown !== undefined && this.isOpen) {
      const reason = 'this thinking has no signature of this wire: it can be read, not sent back'
      this.host.notes.add('approximated', this.path, reason)
    }
    return super.close()
  }

  private openThinking(): string {
    return this.open(withExtra({ type: 'thinking', thinking: '', signature: '' }, ownExtra(this.part)))
  }

  private seal(opaque: Opaque | undefined): void {
    if (opaque === undefined) return
    if (!isOwnOpaque(opaque)) {
      this.host.notes.add('dropped', `${this.path}.opaque`, 'only its maker can read it')
    } else if (opaque.form === 'signature') this.signature = opaque.data
  }

  /** What the delta shows, with a blank line between the parts of a summary and the thinking itself. */
  private shownText(event: PartDeltaEvent): string {
    const { summary } = event
    return this.paragraph(summary?.index, summary?.text ?? '') + this.paragraph('text', event.text ?? '')
  }

  private paragraph(source: number | 'text' | undefined, text: string): string {
    if (text === '') return ''
    const gap = this.shown !== undefined && this.shown !== source ? '\n\n' : ''
    this.shown = source
    return gap + text
  }
}

type CallPart = Extract<Part, { readonly kind: 'tool-call' }>

/**
 * A call: it has its id and name at the start, and its input as JSON text in pieces as they arrive (features C5).
 * Text that cannot become an object, free text or what a model wrote by mistake, travels as the one string in it.
 */
class CallBlock extends WrittenBlock {
  private readonly part: CallPart
  private form: 'unknown' | 'object' | 'text' = 'unknown'
  /** White space before anything that tells the form. */
  private leading = ''

  constructor(part: CallPart, path: string, host: BlockHost) {
    super(path, host)
    this.part = part
  }

  override begin(): string {
    const { part } = this
    const { notes } = this.host
    if (part.opaque !== undefined) {
      notes.add('dropped', `${this.path}.opaque`, 'only thinking carries a signature here')
    }
    const core = { type: 'tool_use', id: part.id, name: part.name, input: {} }
    const start = this.open(withExtra(core, ownExtra(part)))
    if (part.type === 'function') return start + this.args(part.arguments)
    notes.add('emulated', this.path, 'free text is the only property of an input object here')
    return start + this.wrap(wrapFreeText('')) + this.args(part.arguments)
  }

  push(event: BlockEvent): string {
    if (event.type === 'progress') return this.pushProgress(event)
    if (event.type !== 'part-delta') return this.lose(event)
    this.loseDelta(event)
    return this.args(event.args ?? '')
  }

  override close(): string {
    const rest = this.form === 'unknown' && this.leading !== '' ? this.wrapInvalid() : ''
    return rest + (this.form === 'text' ? this.write('"}') : '') + super.close()
  }

  private args(text: string): string {
    if (this.form === 'object') return this.write(text)
    if (this.form === 'text') return this.write(JSON.stringify(text).slice(1, -1))
    this.leading += text
    const first = this.leading.trimStart()[0]
    if (first === undefined) return ''
    if (first !== '{') return this.wrapInvalid()
    this.form = 'object'
    return this.write(this.leading)
  }

  private wrapInvalid(): string {
    const reason = `the arguments of ${this.part.id} are not a JSON object`
    this.host.notes.add('approximated', `${this.path}.arguments`, reason)
    return this.wrap(wrapInvalid('')) + this.args(this.leading)
  }

  /** Opens the object whose one string takes the text; its quote and brace are left to the end. */
  private wrap(object: JsonObject): string {
    this.form = 'text'
    return this.write(JSON.stringify(object).slice(0, -2))
  }

  private write(text: string): string {
    return text === '' ? '' : writeDelta(this.index, 'input_json_delta', 'partial_json', text)
  }
}

/** A block of this wire that is complete at its start or carried verbatim, with the deltas it came with. */
class VerbatimBlock extends WrittenBlock {
  private readonly value: JsonObject
  private hasDeltas = false

  constructor(value: JsonObject, path: string, host: BlockHost) {
    super(path, host)
    this.value = value
  }

  override begin(): string {
    return this.open(this.value)
  }

  push(event: BlockEvent): string {
    if (event.type === 'part-end') return this.pushEnd(event)
    if (event.type !== 'progress') return this.lose(event)
    this.hasDeltas = true
    return this.pushProgress(event)
  }

  /** The input as one delta, where it was known at the end only. */
  private pushEnd(event: PartEndEvent): string {
    const close = event.close
    if (this.hasDeltas || (close?.kind !== 'hosted-tool' && close?.kind !== 'unknown')) return ''
    const { input } = close.value
    if (input === undefined || JSON.stringify(input) === JSON.stringify(this.value.input)) return ''
    return writeDelta(this.index, 'input_json_delta', 'partial_json', JSON.stringify(input))
  }
}

/** A part that cannot be said: whatever comes for it is gone, and its start was noted. */
class LostBlock extends WrittenBlock {
  override readonly isDivisible = true

  push(): string {
    return ''
  }
}

/** The block for a part; `onRefusal` hears the text of a refusal, which is text on the wire. */
export function createBlock(
  part: Part,
  path: string,
  host: BlockHost,
  onRefusal: (text: string) => void,
): WrittenBlock {
  const { notes } = host
  notes.foreign(part, path)
  noteMarker(part, path, notes)
  switch (part.kind) {
    case 'text':
      return new TextBlock(part, path, host, () => {})
    case 'refusal':
      notes.add('renamed', path, 'a refusal is text here')
      return new TextBlock(part, path, host, onRefusal)
    case 'thinking': {
      const { opaque } = part
      if (!isOwnOpaque(opaque) || opaque.form !== 'redacted') return new ThinkingBlock(part, path, host)
      const redacted = withExtra({ type: 'redacted_thinking', data: opaque.data }, ownExtra(part))
      return new VerbatimBlock(redacted, path, host)
    }
    case 'tool-call':
      return new CallBlock(part, path, host)
    case 'media':
      return new TextBlock(part, path, host, () =>
        notes.add('approximated', path, 'a voice is its transcript here'),
      )
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
