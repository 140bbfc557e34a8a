// Simple sums, evaluated by a small parser and not by the language.

const WORDS: readonly [RegExp, string][] = [
  [/\bplus\b/gi, '+'],
  [/\bminus\b/gi, '-'],
  [/\b(?:times|multiplied by)\b/gi, '*'],
  [/\b(?:divided by|over)\b/gi, '/'],
  [/\bto the power of\b/gi, '^'],
  [/[×·]/g, '*'],
  [/÷/g, '/'],
  [/−/g, '-'],
]

const ASKED = /\bwhat(?:'s| is| are)\b|\bhow much\b|\b(?:calculate|compute|evaluate|solve|equals?|sum)\b|=/i

/** The first sum that a text asks for, as it reads and as it comes out; null where there is none, or it has no finite value. */
export function findSum(text: string): { readonly sum: string; readonly value: string } | null {
  const plain = WORDS.reduce((so, [word, sign]) => so.replace(word, sign), text)
  const pattern = /(?<![\w.-])[-(\s]*\d[\d\s.+\-*/^()]*[+\-*/^][\d\s.+\-*/^()]*[\d)]/g
  for (const [found] of plain.matchAll(pattern)) {
    // A date is no sum, and neither is a range that nobody asks the value of.
    const alone = plain.replace(/[\s?.]+$/, '').trim() === found.trim()
    if (/\d{4}-\d{2}-\d{2}/.test(found) || found.length > 200 || !(alone || ASKED.test(plain))) continue
    const value = evaluate(found)
    if (value !== null) return { sum: found.trim().replace(/\s+/g, ' '), value: write(value) }
  }
  return null
}

const write = (value: number): string => String(Number(value.toPrecision(12)))

/** The value of a sum of numbers, `+ - * / ^` and brackets; null where it is none. */
export function evaluate(sum: string): number | null {
  const symbols = sum.match(/\d+(?:\.\d+)?|[-+*/^()]/g) ?? []
  if (symbols.join('') !== sum.replace(/\s+/g, '')) return null
  const reader = { symbols, at: 0, depth: 0 }
  const value = additive(reader)
  return value !== null && reader.at === symbols.length && Number.isFinite(value) ? value : null
}

interface Reader {
  readonly symbols: readonly string[]
  at: number
  depth: number
}

type Level = (reader: Reader) => number | null

/** One level of precedence: operands of the next level, joined by these signs. */
const level =
  (next: Level, signs: Readonly<Record<string, (left: number, right: number) => number>>): Level =>
  reader => {
    let value = next(reader)
    while (value !== null) {
      const apply = signs[reader.symbols[reader.at] ?? '']
      if (!apply) return value
      reader.at += 1
      const right = next(reader)
      value = right === null ? null : apply(value, right)
    }
    return null
  }

const power: Level = level(reader => atom(reader), { '^': (left, right) => left ** right })
const multiplicative: Level = level(power, {
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
})
const additive: Level = level(multiplicative, {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
})

function atom(reader: Reader): number | null {
  const symbol = reader.symbols[reader.at]
  reader.at += 1
  if (symbol === '-') {
    const value = atom(reader)
    return value === null ? null : -value
  }
  if (symbol !== '(') return symbol !== undefined && /^\d/.test(symbol) ? Number(symbol) : null
  reader.depth += 1
  const value = reader.depth > 50 ? null : additive(reader)
  reader.depth -= 1
  const closed = reader.symbols[reader.at] === ')'
  reader.at += 1
  return closed ? value : null
}
