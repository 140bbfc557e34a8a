// Orders that can be carried out to the letter.
import type { Random } from '../random.ts'
import type { Reading } from './reading.ts'
import { shorten } from './words.ts'

const NUMBER_WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const NUMBER = `\\d{1,4}|${NUMBER_WORDS.slice(1).join('|')}`
const toNumber = (word: string): number =>
  /^\d/.test(word) ? Number(word) : NUMBER_WORDS.indexOf(word.toLowerCase())

const EXACTLY =
  /\b(?:reply|respond|answer)(?:\s+only)?\s+with\s+(?:only|just|exactly|the (?:word|text|phrase|string))(?:\s+(?:the )?(?:word|text|phrase|string))?\s*:?\s+(.+)/is
const SAY = /^\s*(?:please\s+|just\s+)?(?:say|repeat(?:\s+after\s+me)?|echo)\b(?:\s+exactly)?\s*:?\s+(.+)/is

/** `Reply with exactly ok-1` and `Say "hello"`: those words and no others; null where nothing of the kind is ordered. */
export function exactly(reading: Reading): string | null {
  const payload = (EXACTLY.exec(reading.said) ?? SAY.exec(reading.said))?.[1]
  if (payload === undefined) return null
  const quoted = /^["“'`]([\s\S]+?)["”'`](?=\s|[.,!?]|$)/.exec(payload.trim())?.[1]
  if (quoted !== undefined) return quoted
  const line = payload.trim().split('\n')[0] ?? ''
  return line.replace(/\s+(?:and nothing (?:else|more)|only)\b.*$/i, '').replace(/[.!]$/, '') || null
}

const COUNT = new RegExp(
  `\\bcount(?:ing)?\\s+(?:up\\s+)?(?:from\\s+)?(?:(${NUMBER})\\s*(?:\\.\\.\\.?|-|–|to|until|through|up to)\\s*|(?:up )?to\\s+)(${NUMBER})\\b`,
  'i',
)

/** `Count from 1 to 60`: one number a line, or in one line where commas are asked for. */
export function count(reading: Reading): string | null {
  const [, first, last] = COUNT.exec(reading.said) ?? []
  if (last === undefined) return null
  const from = first === undefined ? 1 : toNumber(first)
  const to = toNumber(last)
  const step = from <= to ? 1 : -1
  const numbers = Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => from + index * step)
  return numbers.join(/\bcomma/i.test(reading.said) ? ', ' : '\n')
}

const LIST = new RegExp(
  `\\b(?:list|give|name|suggest|tell|write|show|make|create|need|want)\\b[^.?!\\n]{0,40}?\\b(${NUMBER})\\s+([^.?!\\n]{2,80})`,
  'i',
)
const QUALITIES = [
  'simple',
  'bright',
  'quiet',
  'curious',
  'sturdy',
  'gentle',
  'swift',
  'patient',
  'clever',
  'plain',
  'warm',
  'careful',
] as const
const TURNS = [
  'easy to remember',
  'a good place to start',
  'better than it sounds',
  'always welcome',
  'worth a second look',
  'never out of fashion',
] as const

/** `List three fruits`: a numbered list of that many items. */
export function list(reading: Reading, random: Random): string | null {
  const [, number, subject] = LIST.exec(reading.said) ?? []
  if (number === undefined || subject === undefined) return null
  const length = toNumber(number)
  if (length < 1 || length > 50) return null
  const thing = shorten(subject.replace(/^(?:different|good|short|new)\s+/i, ''), 50).replace(/[,;:].*$/, '')
  const start = random.below(QUALITIES.length)
  const items = Array.from({ length }, (_, index) => {
    const quality = QUALITIES[(start + index) % QUALITIES.length] ?? QUALITIES[0]
    const again = index >= QUALITIES.length ? `, variant ${Math.floor(index / QUALITIES.length) + 1}` : ''
    return `${index + 1}. A ${quality} one${again}: ${random.pick(TURNS)}.`
  })
  return `Here are ${number} ${thing}, as a deterministic sandbox imagines them:\n\n${items.join('\n')}`
}

/** A quoted phrase, or one bare word that ends the sentence: `start with the basics` orders nothing to the letter. */
const TOKEN = '(?:["“\'`]([^"”\'`\\n]{1,200})["”\'`]|(\\S{1,200}?)(?=[.!]?\\s*(?:$|\\n)|[.!]\\s))'
const END = new RegExp(
  `\\b(?:end|finish|close)\\s+(?:(?:every|each|your|the|all|any)\\s+)*(?:(?:reply|replies|answers?|responses?|messages?)\\s+)?with\\s+(?:the\\s+(?:word|text|phrase|string)\\s+)?${TOKEN}`,
  'i',
)
const START = new RegExp(
  `\\b(?:start|begin)\\s+(?:(?:every|each|your|the|all|any)\\s+)*(?:(?:reply|replies|answers?|responses?|messages?)\\s+)?with\\s+(?:the\\s+(?:word|text|phrase|string)\\s+)?${TOKEN}`,
  'i',
)

/** Puts what the instructions order at the start or the end of every answer there. */
export function frame(text: string, reading: Reading): string {
  const orders = `${reading.instructions}\n${reading.said}`
  const ordered = (pattern: RegExp): string => {
    const [, quoted, bare] = pattern.exec(orders) ?? []
    return quoted ?? bare?.replace(/[.,;!?]+$/, '') ?? ''
  }
  const start = ordered(START)
  const end = ordered(END)
  return [start, text, end].filter(part => part !== '').join(' ')
}
