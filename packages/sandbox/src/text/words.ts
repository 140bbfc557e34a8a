// What a text offers to fill a gap with: names, places, numbers, quoted phrases.

export interface Words {
  readonly text: string
  /** Proper names in the order of the text: `New York`, `Ada Lovelace`. */
  readonly names: readonly string[]
  readonly numbers: readonly number[]
  /** What stands in quotation marks or backticks. */
  readonly quoted: readonly string[]
  readonly dates: readonly string[]
  readonly emails: readonly string[]
  readonly urls: readonly string[]
  /** Words that hold a digit and a letter, as references and codes do. */
  readonly codes: readonly string[]
  /** Lower case, without endings, without the words that every sentence has. */
  readonly stems: ReadonlySet<string>
}

/** Words that say nothing about the subject. */
const COMMON = new Set(
  `a about all also am an and any are as ask at be been but by can could did do does for from give had has have
  hello hey hi how i if in into is it its just let like make me my need no not now of on or our out please show so
  some tell than thank thanks that the their them then there these they this those to today tomorrow up us use using
  want was we were what when where which who why will with would yes you your compare find get look check write say
  list name call count add book set send create plan calculate compute answer reply respond describe explain`.split(
    /\s+/,
  ),
)

const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(found => found[1] ?? found[0])

export function readWords(text: string): Words {
  return {
    text,
    names: properNames(text),
    numbers: matches(text, /(?<![\p{L}\d.-])-?\d+(?:\.\d+)?(?![\p{L}\d]|-\d)/gu).map(Number),
    quoted: matches(text, /["“«`]([^"”»`]{1,200})["”»`]/gu),
    dates: matches(text, /\b\d{4}-\d{2}-\d{2}\b/g),
    emails: matches(text, /[\w.+-]+@[\w-]+\.[\w.]*\w/g),
    urls: matches(text, /https?:\/\/[^\s<>"')]+/g),
    codes: matches(text, /\b(?=\w*\d)(?=\w*[A-Za-z])[\w-]+\b/g),
    stems: stems(text),
  }
}

const NAME = /\p{Lu}[\p{L}\p{M}'’-]*(?:\s+\p{Lu}[\p{L}\p{M}'’-]*)*/gu

/**
 * A capital at the start of a sentence is no evidence: such a word counts where nothing better is found, or where
 * another name is listed beside it.
 */
function properNames(text: string): string[] {
  const inside: string[] = []
  const leading: string[] = []
  for (const found of text.matchAll(NAME)) {
    const before = text.slice(Math.max(0, found.index - 8), found.index)
    const starts = found.index === 0 || /[.!?:\n]\s*["“'(]*$/.test(before)
    const words = found[0].split(/\s+/)
    while (words[0] !== undefined && COMMON.has(words[0].toLowerCase())) words.shift()
    const name = words.join(' ')
    if (name === '' || name === 'I') continue
    const kept = words.length === found[0].split(/\s+/).length
    const listed = /^\s*(?:,|and\b|or\b)\s*\p{Lu}/u.test(
      text.slice(found.index + found[0].length, found.index + 99),
    )
    ;(starts && kept && !listed ? leading : inside).push(name)
  }
  return inside.length > 0 ? inside : leading
}

/** The words of a text that carry meaning, so that `cities` meets `city`. */
export function stems(text: string): ReadonlySet<string> {
  const found = new Set<string>()
  const spaced = text.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase()
  for (const word of spaced.match(/[\p{L}\p{M}\d]+/gu) ?? []) {
    if (word.length > 1 && !COMMON.has(word)) found.add(stem(word))
  }
  return found
}

export function stem(word: string): string {
  const rules: readonly [RegExp, string][] = [
    [/ies$/, 'y'],
    [/(?<=..)(?:sses)$/, 'ss'],
    [/(?<=...)ing$/, ''],
    [/(?<=...)ed$/, ''],
    [/(?<=...)s$/, ''],
    [/(?<=...)e$/, ''],
  ]
  let short = word
  for (const [ending, replacement] of rules) short = short.replace(ending, replacement)
  return short
}

/** At most so many characters, cut between words, and never inside a character. */
export function shorten(text: string, most: number): string {
  const flat = text.replace(/\s+/gu, ' ').trim()
  const characters = Array.from(flat)
  if (characters.length <= most) return flat
  const cut = characters.slice(0, most - 1).join('')
  const space = cut.lastIndexOf(' ')
  return `${space > most / 2 ? cut.slice(0, space) : cut}…`
}
