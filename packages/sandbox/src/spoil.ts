// Scripted faults on bytes that began well.
import type { Spoil } from './faults.ts'
import type { Frame, Step } from './pace.ts'

/** A stream in the making: its frames, and how its wire tells of a failure at the moment it is asked. */
export interface Stream {
  readonly frames: Generator<Frame>
  /** Tokens of content that the frames will carry; a fault in the middle strikes after half of them. */
  readonly tokens: number
  /** How many frames open the stream before anything, an error too, may come. */
  readonly opening: number
  /** The frames of a failure, the last ones of the stream. */
  fail(): readonly string[]
}

/** What a torn connection looks like to whoever reads: an error with the code that the operating system would give. */
export const torn = (): Error =>
  Object.assign(new Error('The connection was torn by a scripted fault of the sandbox.'), {
    code: 'ECONNRESET',
  })

const step = (text: string): Frame => ({ text, tokens: 0 })

/** The steps of a stream under a fault. The next frame is not made before it is sure to be sent: frames are numbered. */
export function* spoil(stream: Stream, fault: Spoil): Generator<Step> {
  let left = fault === 'error-first' ? 0 : stream.tokens / 2
  let first = fault === 'error-first' ? stream.opening : Math.max(1, stream.opening)
  for (;;) {
    if (left <= 0 && first <= 0 && fault !== 'no-done') {
      yield* strike(stream, fault)
      if (fault !== 'garbage') return
      left = Number.POSITIVE_INFINITY
    }
    const next = stream.frames.next()
    if (next.done) return
    if (fault !== 'no-done' || !next.value.terminator) yield next.value
    left -= next.value.tokens
    first -= 1
  }
}

function* strike(stream: Stream, fault: Spoil): Generator<Step> {
  if (fault === 'reset') yield { tear: torn() }
  if (fault === 'garbage') yield step('data: {"id":"garbage","choices":[{"delta":\n\n')
  if (fault === 'error-mid' || fault === 'error-first') yield* stream.fail().map(step)
  const next = fault === 'truncated' ? stream.frames.next() : null
  if (next && !next.done) yield step(next.value.text.slice(0, Math.ceil(next.value.text.length / 2)))
}

/** A whole body under the same faults; null where the fault makes it a plain error of the server. */
export function spoilWhole(body: string, fault: Spoil): readonly Step[] | null {
  const half = step(body.slice(0, Math.ceil(body.length / 2)))
  switch (fault) {
    case 'error-mid':
    case 'error-first':
      return null
    case 'no-done':
      return [step(body)]
    case 'reset':
      return [half, { tear: torn() }]
    case 'garbage':
      return [step(body.replace('{', '{,'))]
    default:
      return [half]
  }
}
