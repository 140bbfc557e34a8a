// A string for a simple regular expression: literals, classes, groups, alternatives and quantifiers. What it cannot
// read (look-around, back references, properties) it does not guess at.
import type { Random } from '../random.ts'

type Node =
  | { readonly kind: 'set'; readonly characters: string }
  | { readonly kind: 'sequence'; readonly of: readonly Node[] }
  | { readonly kind: 'either'; readonly of: readonly Node[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly min: number; readonly max: number }

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
const WORD = `${LETTERS}${LETTERS.toUpperCase()}${DIGITS}_`
const PRINTABLE = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join('')
const CLASSES: Readonly<Record<string, string>> = { d: DIGITS, w: WORD, s: ' ', t: '\t', n: '\n', r: '\r' }

const without = (unwanted: string): string => [...PRINTABLE].filter(one => !unwanted.includes(one)).join('')

/** Longer texts than this are not written: nested repetition can ask for more than there is memory. */
const LONGEST = 4000

export interface Pattern {
  /** A text of at least `min` characters where repetition allows it; null where none was found. */
  write(random: Random, min?: number): string | null
  /** True where the whole text is one that the pattern describes. */
  accepts(text: string): boolean
}

/**
 * Reads a pattern; null where it is not simple. The caller's expression is never given to the language's own engine,
 * which can be made to search for hours.
 */
export function readPattern(pattern: string): Pattern | null {
  const reader = { pattern: pattern.replace(/^\^|(?<!\\)\$$/g, ''), at: 0, depth: 0 }
  const node = readEither(reader)
  if (node === null || reader.at < reader.pattern.length) return null
  return {
    accepts: text => text.length <= 200 && reach(node, text, new Set([0])).has(text.length),
    write: (random, min = 0) => {
      for (const stretch of [0, min]) {
        const sink = { text: '' }
        if (write(node, random, stretch, sink) && sink.text.length >= min) return sink.text
      }
      return null
    },
  }
}

function write(node: Node, random: Random, stretch: number, sink: { text: string }): boolean {
  if (sink.text.length > LONGEST) return false
  switch (node.kind) {
    case 'set':
      sink.text += node.characters[random.below(node.characters.length)] ?? ''
      return true
    case 'sequence':
      return node.of.every(one => write(one, random, stretch, sink))
    case 'either': {
      const chosen = node.of[random.below(node.of.length)]
      return chosen !== undefined && write(chosen, random, stretch, sink)
    }
    case 'repeat': {
      const wanted = Math.max(node.min, stretch, node.min + random.below(3) + (node.min === 0 ? 1 : 0))
      const times = Math.min(node.max, wanted)
      for (let time = 0; time < times; time += 1) if (!write(node.of, random, 0, sink)) return false
      return true
    }
  }
}

/** Every place that the node can lead to from these places: no backtracking, so no explosion. */
function reach(node: Node, text: string, from: ReadonlySet<number>): ReadonlySet<number> {
  switch (node.kind) {
    case 'set':
      return new Set([...from].filter(at => node.characters.includes(text[at] ?? '\u0000')).map(at => at + 1))
    case 'sequence':
      return node.of.reduce<ReadonlySet<number>>(
        (at, one) => (at.size === 0 ? at : reach(one, text, at)),
        from,
      )
    case 'either':
      return new Set(node.of.flatMap(one => [...reach(one, text, from)]))
    case 'repeat': {
      const most = Math.min(node.max, text.length + node.min)
      const seen = new Set(node.min === 0 ? from : [])
      let at = from
      for (let time = 1; time <= most && at.size > 0; time += 1) {
        at = reach(node.of, text, at)
        if (time < node.min) continue
        at = new Set([...at].filter(one => !seen.has(one)))
        for (const one of at) seen.add(one)
      }
      return seen
    }
  }
}

interface Reader {
  readonly pattern: string
  at: number
  depth: number
}

function readEither(reader: Reader): Node | null {
  const branches: Node[] = []
  do {
    const branch = readSequence(reader)
    if (branch === null) return null
    branches.push(branch)
  } while (take(reader, '|'))
  const [only] = branches
  return branches.length === 1 && only ? only : { kind: 'either', of: branches }
}

function readSequence(reader: Reader): Node | null {
  const of: Node[] = []
  for (;;) {
    const next = reader.pattern[reader.at]
    if (next === undefined || next === '|' || next === ')') return { kind: 'sequence', of }
    if (next === '^' || next === '$') return null
    const atom = readAtom(reader)
    const node = atom && readQuantifier(reader, atom)
    if (!node) return null
    of.push(node)
  }
}

function readAtom(reader: Reader): Node | null {
  if (take(reader, '(')) return readGroup(reader)
  if (take(reader, '[')) return readClass(reader)
  if (take(reader, '.')) return { kind: 'set', characters: without('') }
  const characters = take(reader, '\\') ? readEscape(reader) : readCharacter(reader)
  return characters === null ? null : { kind: 'set', characters }
}

function readGroup(reader: Reader): Node | null {
  if (reader.pattern[reader.at] === '?') {
    const named = /^\?<[A-Za-z]\w*>/.exec(reader.pattern.slice(reader.at))?.[0]
    const skipped = named ?? (reader.pattern.startsWith('?:', reader.at) ? '?:' : null)
    if (skipped === null) return null
    reader.at += skipped.length
  }
  reader.depth += 1
  const inside = reader.depth > 8 ? null : readEither(reader)
  reader.depth -= 1
  return inside !== null && take(reader, ')') ? inside : null
}

function readClass(reader: Reader): Node | null {
  const negated = take(reader, '^')
  let characters = ''
  while (reader.at < reader.pattern.length && !take(reader, ']')) {
    const first = readMember(reader)
    if (first === null) return null
    const range = first.length === 1 && /^-[^\]]/.test(reader.pattern.slice(reader.at, reader.at + 2))
    if (!range) {
      characters += first
      continue
    }
    reader.at += 1
    const last = readMember(reader)
    if (last === null || last.length !== 1) return null
    for (let unit = first.charCodeAt(0); unit <= last.charCodeAt(0) && characters.length < 500; unit += 1)
      characters += String.fromCharCode(unit)
  }
  const all = negated ? without(characters) : characters
  return reader.pattern[reader.at - 1] === ']' && all !== '' ? { kind: 'set', characters: all } : null
}

const readMember = (reader: Reader): string | null =>
  take(reader, '\\') ? readEscape(reader) : readCharacter(reader)

function readCharacter(reader: Reader): string | null {
  const character = reader.pattern[reader.at] ?? null
  reader.at += 1
  return character
}

function readEscape(reader: Reader): string | null {
  const character = readCharacter(reader)
  if (character === null) return null
  const inverse = /[DWS]/.test(character) ? without(CLASSES[character.toLowerCase()] ?? '') : undefined
  const known = inverse ?? CLASSES[character]
  if (known !== undefined) return known
  return /[A-Za-z0-9]/.test(character) ? null : character
}

function readQuantifier(reader: Reader, of: Node): Node | null {
  const found = /^(?:[*+?]|\{(\d{1,4})(,(\d{1,4})?)?\})\??/.exec(
    reader.pattern.slice(reader.at, reader.at + 16),
  )
  if (!found) return of
  reader.at += found[0].length
  const [sign, low, comma, high] = found
  const most = Number.POSITIVE_INFINITY
  if (sign.startsWith('*')) return { kind: 'repeat', of, min: 0, max: most }
  if (sign.startsWith('+')) return { kind: 'repeat', of, min: 1, max: most }
  if (sign.startsWith('?')) return { kind: 'repeat', of, min: 0, max: 1 }
  const min = Number(low)
  const max = comma === undefined ? min : high === undefined ? most : Number(high)
  return { kind: 'repeat', of, min, max }
}

function take(reader: Reader, character: string): boolean {
  if (reader.pattern[reader.at] !== character) return false
  reader.at += 1
  return true
}
