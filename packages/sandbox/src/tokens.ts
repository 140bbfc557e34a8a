// Real tokens (o200k_base). The ranks weigh megabytes, so they are loaded by the first request that needs them.

/** Token ids, and where a stop sequence cut their text: UTF-16 units kept, or null where nothing was cut. */
export interface Tokens {
  readonly ids: readonly number[]
  readonly cut: number | null
}

/** What becomes readable with one or more tokens: a character may be spread over several. */
export interface Delta {
  readonly text: string
  readonly ids: readonly number[]
}

export interface Tokenizer {
  readonly size: number
  encode(text: string): readonly number[]
  count(text: string): number
  bytes(id: number): Uint8Array
  has(id: number): boolean
  /** The text of a token, or null where it is a part of a character only. */
  text(id: number): string | null
}

let loading: Promise<Tokenizer> | undefined

/** Loaded once a process, whatever the number of engines. */
export function loadTokenizer(): Promise<Tokenizer> {
  loading ??= load()
  return loading
}

/**
 * Longer runs of one class of characters are encoded in slices. The encoder takes time that grows with the square
 * of a run, so a megabyte of one letter would take minutes; in text that people write no run is this long.
 */
const LONGEST_RUN = 512
const RUNS = /[\p{L}\p{M}]{513,}|\s{513,}|[^\s\p{L}\p{N}]{513,}/gu
const SLICES = new RegExp(`[\\s\\S]{1,${LONGEST_RUN}}`, 'gu')

async function load(): Promise<Tokenizer> {
  const [encoding, { default: ranks }] = await Promise.all([
    import('gpt-tokenizer/encoding/o200k_base'),
    import('gpt-tokenizer/bpeRanks/o200k_base'),
  ])
  const encoder = new TextEncoder()
  // What a user writes is text, also where it spells a special token.
  const options = { disallowedSpecial: new Set<string>() }
  const slice = (text: string): readonly number[] => encoding.encode(text, options)
  const encode = (text: string): readonly number[] => {
    if (text.length <= LONGEST_RUN) return slice(text)
    const ids: number[] = []
    let from = 0
    const add = (part: string) => {
      for (const id of slice(part)) ids.push(id)
    }
    for (const run of text.matchAll(RUNS)) {
      add(text.slice(from, run.index))
      for (const [part] of run[0].matchAll(SLICES)) add(part)
      from = run.index + run[0].length
    }
    add(text.slice(from))
    return ids
  }
  return {
    size: ranks.length,
    encode,
    count: text => encode(text).length,
    has: id => Object.hasOwn(ranks, id),
    bytes: id => {
      const rank = ranks[id]
      return typeof rank === 'string' ? encoder.encode(rank) : Uint8Array.from(rank ?? [])
    },
    text: id => {
      const rank = ranks[id]
      return typeof rank === 'string' ? rank : null
    },
  }
}

/** Tokens as a reader receives them: bytes of an unfinished character wait for the token that completes it. */
export function* deltas(tokens: Tokens, tokenizer: Tokenizer): Generator<Delta> {
  let left = tokens.cut ?? Number.POSITIVE_INFINITY
  let waiting: number[] = []
  let partial = false
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for (const id of tokens.ids) {
    const known = tokenizer.text(id)
    const whole = known !== null && !partial ? known : decoder.decode(tokenizer.bytes(id), STREAM)
    partial = known === null
    waiting.push(id)
    if (whole === '') continue
    const text = whole.slice(0, left)
    left -= text.length
    yield { text, ids: waiting }
    waiting = []
    if (left <= 0) return
  }
  const rest = decoder.decode()
  if (rest !== '' || waiting.length > 0) yield { text: rest, ids: waiting }
}

const STREAM = { stream: true } as const

export function textOf(tokens: Tokens, tokenizer: Tokenizer): string {
  let text = ''
  for (const delta of deltas(tokens, tokenizer)) text += delta.text
  return text
}
