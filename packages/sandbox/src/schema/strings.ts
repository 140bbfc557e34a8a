import { type JsonObject, numberAt, textAt } from '../json.ts'
import type { Random } from '../random.ts'
import { findSum } from '../text/arithmetic.ts'
import { shorten, type Words } from '../text/words.ts'
import { FORMATS, LOOSE_FORMATS } from './formats.ts'
import { readPattern } from './pattern.ts'

/** What strings are made of: the user's words, of which each proper name is used once while there are others. */
export interface Material {
  readonly words: Words
  /** Composed sentences, for the property that wants an answer. */
  readonly speech: string
  /** How many proper names were used. */
  used: number
}

const nextName = (material: Material): string | undefined => {
  const { names } = material.words
  const name = names[Math.min(material.used, names.length - 1)]
  material.used += 1
  return name
}

const afterPreposition = ({ words }: Material): string | undefined =>
  /\b(?:in|at|for|near|from|to)\s+(\p{L}[\p{L}'-]+)/u.exec(words.text)?.[1]

const subject = ({ words }: Material): string => {
  const about = /\b(?:for|about|on|called|named)\s+([^.?!\n]{2,})/i.exec(words.text)?.[1]
  return shorten(words.quoted[0] ?? about ?? words.text, 200).replace(/[.?!]+$/, '')
}

/** By the name of the property: what of the user's words belongs there, and what stands there otherwise. */
const BY_NAME: readonly [RegExp, (material: Material) => string | undefined, string][] = [
  [/mail/i, ({ words }) => words.emails[0], 'sandbox@example.com'],
  [/url|uri|link|href|website/i, ({ words }) => words.urls[0], 'https://example.com/sandbox'],
  [/date|day$|deadline|birthday/i, ({ words }) => words.dates[0], '2026-01-01'],
  [/time/i, ({ words }) => /\b\d{1,2}:\d{2}\b/.exec(words.text)?.[0], '12:00'],
  [
    /city|place|location|town|country|destination|origin|region|address|where/i,
    material => nextName(material) ?? afterPreposition(material),
    'Paris',
  ],
  [/expression|formula|equation|sum$|math/i, ({ words }) => findSum(words.text)?.sum, '1 + 1'],
  [
    /answer|result|output|response|reply|explanation|summary|reason|description|message|content|body|text|step/i,
    ({ words, speech }) => words.quoted[0] ?? speech,
    'sandbox',
  ],
  [/query|search|question|prompt|input|keyword|term|topic|subject/i, subject, 'sandbox'],
  [/name|person|user|author|title|customer|recipient|sender|^to$|^from$/i, nextName, 'Sandbox'],
  [/id$|code|order|reference|number|key|sku/i, ({ words }) => words.codes[0] ?? words.quoted[0], 'sandbox-1'],
  [/currency/i, ({ words }) => /\b[A-Z]{3}\b/.exec(words.text)?.[0], 'EUR'],
  [/unit/i, ({ words }) => /\b(?:celsius|fahrenheit|kelvin|km|miles|kg)\b/i.exec(words.text)?.[0], 'celsius'],
  [/lang|locale/i, () => undefined, 'en'],
]

const OF_FORMAT: Readonly<Record<string, (words: Words) => string | undefined>> = {
  date: words => words.dates[0],
  email: words => words.emails[0],
  uri: words => words.urls[0],
}

/** A string for a property of this name that the schema accepts. */
export function chooseString(schema: JsonObject, key: string, material: Material, random: Random): string {
  const min = Math.max(0, numberAt(schema, 'minLength') ?? 0)
  const max = Math.max(0, numberAt(schema, 'maxLength') ?? Number.POSITIVE_INFINITY)
  const pattern = textAt(schema, 'pattern')
  if (pattern !== null) return ofPattern(pattern, material, random, min, max)
  const format = textAt(schema, 'format')
  const formatted = format === null ? undefined : ofFormat(format, material.words)
  return formatted ?? fit(byName(key, material), min, max)
}

function ofFormat(format: string, words: Words): string | undefined {
  const known = FORMATS[format] ?? LOOSE_FORMATS[format]
  return known === undefined ? undefined : (OF_FORMAT[format]?.(words) ?? known)
}

function byName(key: string, material: Material): string {
  for (const [name, choose, otherwise] of BY_NAME) {
    if (!name.test(key)) continue
    const chosen = choose(material)
    return chosen === undefined || chosen === '' ? otherwise : chosen
  }
  return material.words.quoted[0] ?? `sandbox ${key.replace(/[_-]+/g, ' ')}`.trim()
}

function ofPattern(source: string, material: Material, random: Random, min: number, max: number): string {
  const pattern = readPattern(source)
  if (!pattern) return fit('sandbox', min, max)
  const { codes, names, quoted, numbers } = material.words
  const said = [...quoted, ...codes, ...names, ...numbers.map(String)]
  const found = said.find(one => one.length >= min && one.length <= max && pattern.accepts(one))
  const written = found ?? pattern.write(random, Math.min(min, 2000))
  return written ?? fit('sandbox', min, max)
}

function fit(text: string, min: number, max: number): string {
  const long = text.length < min ? text.padEnd(Math.min(min, 4000), ' sandbox') : text
  return long.length > max ? Array.from(long).slice(0, max).join('').slice(0, max).toWellFormed() : long
}
