import type { PartDeltaEvent } from './event.ts'
import { type Extra, mergeExtra } from './extra.ts'
import type { TokenLogprob } from './logprob.ts'
import type { Opaque } from './opaque.ts'
import type { Annotation, Part } from './part.ts'

/**
 * A part that is being streamed. Lists grow in place and texts by concatenation, so that a long answer costs no more
 * than its length; the part itself is made when it is asked for.
 */
export class PartDraft {
  private readonly open: Part
  private closed: Part | undefined
  private text = ''
  private args = ''
  private data = ''
  private readonly summary: string[] = []
  private readonly annotations: Annotation[] = []
  private readonly logprobs: TokenLogprob[] = []
  private opaque: Opaque | undefined
  private extra: Extra | undefined

  constructor(open: Part) {
    this.open = open
  }

  append(delta: PartDeltaEvent): void {
    if (delta.text !== undefined) this.text += delta.text
    if (delta.args !== undefined) this.args += delta.args
    if (delta.data !== undefined) this.data += delta.data
    if (delta.summary !== undefined) this.appendSummary(delta.summary.index, delta.summary.text)
    if (delta.logprobs !== undefined) for (const logprob of delta.logprobs) this.logprobs.push(logprob)
    if (delta.opaque !== undefined) this.opaque = delta.opaque
    if (delta.extra !== undefined) this.extra = mergeExtra(this.extra, delta.extra)
  }

  annotate(annotation: Annotation): void {
    this.annotations.push(annotation)
  }

  close(closed: Part | undefined): void {
    this.closed = closed
  }

  part(): Part {
    const extra = mergeExtra(this.open.extra, this.extra)
    const part: Part = {
      ...this.streamed(this.open),
      ...(this.opaque === undefined ? {} : { opaque: this.opaque }),
      ...(extra === undefined ? {} : { extra }),
    }
    return this.closed === undefined ? part : closePart(part, this.closed)
  }

  private appendSummary(index: number, text: string): void {
    while (this.summary.length <= index) this.summary.push('')
    this.summary[index] += text
  }

  /** Members to which nothing was appended stay as they were: absent stays absent, empty stays empty. */
  private streamed(open: Part): Part {
    switch (open.kind) {
      case 'text': {
        const annotations = [...(open.annotations ?? []), ...this.annotations]
        const more = this.annotations.length === 0 ? {} : { annotations }
        return { ...open, text: open.text + this.text, ...more, ...this.moreLogprobs(open.logprobs) }
      }
      case 'refusal':
        return { ...open, text: open.text + this.text, ...this.moreLogprobs(open.logprobs) }
      case 'thinking': {
        const summary = addTexts(open.summary ?? [], this.summary)
        return { ...open, text: open.text + this.text, ...(this.summary.length === 0 ? {} : { summary }) }
      }
      case 'tool-call':
        return { ...open, arguments: open.arguments + this.args }
      case 'media': {
        const { source } = open
        const transcript = this.text === '' ? {} : { transcript: (open.transcript ?? '') + this.text }
        if (source.type !== 'base64') return { ...open, ...transcript }
        return { ...open, source: { ...source, data: source.data + this.data }, ...transcript }
      }
      case 'tool-result':
      case 'hosted-tool':
      case 'unknown':
        return open
    }
  }

  private moreLogprobs(first: readonly TokenLogprob[] = []): { readonly logprobs?: readonly TokenLogprob[] } {
    return this.logprobs.length === 0 ? {} : { logprobs: [...first, ...this.logprobs] }
  }
}

function addTexts(first: readonly string[], more: readonly string[]): readonly string[] {
  const length = Math.max(first.length, more.length)
  return Array.from({ length }, (_, index) => (first[index] ?? '') + (more[index] ?? ''))
}

/** The part with the fields of `closed`; what is empty there was not repeated and stays as it was streamed. */
function closePart(part: Part, closed: Part): Part {
  if (part.kind !== closed.kind) return closed
  const fields = Object.fromEntries(Object.entries(closed).filter(([, value]) => !isEmpty(value)))
  const extra = mergeExtra(part.extra, closed.extra)
  const merged = { ...part, ...fields, ...(extra === undefined ? {} : { extra }) } as Part // two of one kind
  if (merged.kind !== 'media' || part.kind !== 'media') return merged
  const isRepeated = merged.source.type !== 'base64' || merged.source.data !== ''
  return isRepeated ? merged : { ...merged, source: part.source }
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0)
}
