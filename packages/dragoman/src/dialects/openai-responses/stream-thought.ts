import type { PartDeltaEvent } from '../../ir/event.ts'
import type { Part } from '../../ir/part.ts'
import { thoughtTypes } from './items.ts'
import { type ItemEvents, OutputPart } from './stream-part.ts'

/** Counts what the parts of one reasoning item share. */
export interface Thoughts {
  contents: number
  summaries: number
}

/** One thought: an entry of a reasoning item's content and, for the first, its summary. Both open when first spoken of. */
export class ThoughtPart extends OutputPart {
  private readonly thoughts: Thoughts
  private at: number | undefined
  private readonly summary: string[] = []
  private summaryBase: number | undefined
  private isSummarizing = false

  constructor(open: Part, path: string, events: ItemEvents, thoughts: Thoughts) {
    super(open, path, events)
    this.thoughts = thoughts
  }

  get part(): Part {
    const { open, summary, text } = this
    return { ...open, kind: 'thinking', text, ...(summary.length > 0 && { summary }) }
  }

  start(): string {
    if (this.open.kind !== 'thinking') return ''
    const summary = (this.open.summary ?? []).map((text, index) => this.summarize(index, text))
    return summary.join('') + this.say(this.open.text)
  }

  protected append(event: PartDeltaEvent): string {
    const summary = event.summary === undefined ? '' : this.summarize(event.summary.index, event.summary.text)
    return summary + this.say(event.text ?? '')
  }

  private say(text: string): string {
    if (text === '') return ''
    let added = this.endSummary()
    if (this.at === undefined) {
      this.at = this.thoughts.contents++
      const part = { type: thoughtTypes.content, text: '' }
      added += this.events.emit('response.content_part.added', { content_index: this.at, part })
    }
    this.text += text
    const place = `,"content_index":${this.at}`
    return added + this.events.emitDelta('response.reasoning_text.delta', text, place)
  }

  private summarize(index: number, text: string): string {
    let written = ''
    this.summaryBase ??= this.thoughts.summaries
    while (this.summary.length <= index) {
      written += this.endSummary()
      this.thoughts.summaries++
      const part = { type: thoughtTypes.summary, text: '' }
      const summary_index = this.summaryBase + this.summary.length
      this.summary.push('')
      written += this.events.emit('response.reasoning_summary_part.added', { summary_index, part })
    }
    this.isSummarizing = true
    if (text === '') return written
    this.summary[index] += text
    const place = `,"summary_index":${this.summaryBase + index}`
    return written + this.events.emitDelta('response.reasoning_summary_text.delta', text, place)
  }

  /** Ends the newest part of the summary: the next one begins, or the thought itself does. */
  private endSummary(): string {
    if (!this.isSummarizing) return ''
    this.isSummarizing = false
    const text = this.summary.at(-1) ?? ''
    const place = { summary_index: (this.summaryBase ?? 0) + this.summary.length - 1 }
    const part = { type: thoughtTypes.summary, text }
    return (
      this.events.emit('response.reasoning_summary_text.done', { ...place, text }) +
      this.events.emit('response.reasoning_summary_part.done', { ...place, part })
    )
  }

  protected finish(): string {
    const summary = this.endSummary()
    if (this.at === undefined) return summary
    const { at: content_index, text } = this
    const part = { type: thoughtTypes.content, text }
    return (
      summary +
      this.events.emit('response.reasoning_text.done', { content_index, text }) +
      this.events.emit('response.content_part.done', { content_index, part })
    )
  }
}
