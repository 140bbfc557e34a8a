import type { SeenRequest } from '../../support/upstream.ts'
import { type Cell, type Exchange, type Got, nameOf } from './cell.ts'

/** Headers of the connection, not of the call. */
const connection = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'date',
  'keep-alive',
])

const headerLines = (headers: Headers): readonly string[] =>
  [...headers].filter(([name]) => !connection.has(name)).map(([name, value]) => `${name}:${spread(value)}`)

/** A list of notes, one a line: the longest header there is, and the one to be read most carefully. */
const spread = (value: string): string =>
  ` ${value}`.replaceAll(
    /(^|,) (?=(?:renamed|emulated|approximated|clamped|dropped|refused|more);)/g,
    '\n    ',
  )

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** The legs of a fan-out ask the same thing; which arrives first is chance. */
function receivedLines(received: readonly SeenRequest[]): readonly string[] {
  const [first] = received
  if (first === undefined) return ['--- the upstream receives nothing']
  const times = received.length === 1 ? '' : ` (${received.length} times)`
  return [
    `--- the upstream receives ${first.method} ${first.path}${times}`,
    ...headerLines(first.headers),
    '',
    pretty(first.body),
  ]
}

/** Frames of several candidates arrive in the order in which their legs happen to answer: a candidate at a time, then. */
function byCandidate(body: string): string {
  const frames = body.split(/(?<=\n\n)/)
  const candidateOf = (frame: string) => {
    const match = /"choices":\[\{"index":(\d+)/.exec(frame)
    return match?.[1] === undefined ? undefined : Number(match[1])
  }
  const spoken = frames.filter(frame => candidateOf(frame) !== undefined)
  spoken.sort((one, other) => (candidateOf(one) ?? 0) - (candidateOf(other) ?? 0))
  return frames.map(frame => (candidateOf(frame) === undefined ? frame : (spoken.shift() ?? ''))).join('')
}

/** Sealed state differs each time it is sealed. */
const withoutSeal = (body: string): string =>
  body.replaceAll(/dragoman[A-Za-z0-9_-]{40,}/g, 'dragoman(sealed)')

function gotLines(got: Got, isFanOut: boolean): readonly string[] {
  const isStream = got.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  const body = isStream ? (isFanOut ? byCandidate(got.body) : got.body) : pretty(got.body)
  return [`--- the caller gets ${got.status}`, ...headerLines(got.headers), '', withoutSeal(body)]
}

/** A cell as text to read: what was said on all three sides. */
export function transcribe(cell: Cell, exchange: Exchange): string {
  const { path, sent, received, got } = exchange
  const lines = [
    `=== ${cell.conversation.name}: ${nameOf(cell)}`,
    '',
    `--- the caller sends POST ${path}`,
    JSON.stringify(sent, null, 2),
    '',
    ...receivedLines(received),
    '',
    ...gotLines(got, received.length > 1),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}
