// The words of the scripted answers in faults.ts.
import type { Citation } from '../answer.ts'
import { createRandom } from '../random.ts'
import type { Reading } from './reading.ts'
import { shorten } from './words.ts'

export const REFUSAL = "I'm sorry, but I can't help with that. The sandbox was asked to refuse, so it does."

/** Emoji with modifiers and joiners, combining marks, two right-to-left scripts, and rare characters of four bytes. */
export const UNICODE =
  'Unicode travels well: 😀 👩‍👩‍👧‍👦 👍🏽 🇫🇷, e\u0301 and n\u0303 with combining marks, नमस्ते, שלום, مرحبا, 日本語, 𝒳𝒴𝒵, 𠜎𠜱𠝹, 🫠🪿🩷, ﷽, and back to plain letters.'

const SOURCES = [
  { claim: 'An interpreter between powers was called a dragoman', title: 'Dragoman', slug: 'dragoman' },
  { claim: 'the sandbox cites pages that do not exist', title: 'On scripted citations', slug: 'citations' },
] as const

export function cited(reading: Reading): { readonly text: string; readonly citations: readonly Citation[] } {
  let text = `You wrote "${shorten(reading.said, 60)}". `
  const citations: Citation[] = []
  for (const { claim, title, slug } of SOURCES) {
    if (citations.length > 0) text += ', and '
    const start = text.length
    text += claim
    citations.push({ start, end: text.length, title, url: `https://example.com/${slug}` })
  }
  return { text: `${text}.`, citations }
}

const SUBJECTS = [
  'The river',
  'A lantern',
  'The old clock',
  'A small engine',
  'The interpreter',
  'A quiet wind',
] as const
const VERBS = ['carries', 'keeps', 'measures', 'repeats', 'remembers', 'returns'] as const
const OBJECTS = [
  'every word',
  'the same tune',
  'a little light',
  'the hours',
  'what it was given',
  'its own way',
] as const

/** Sentences for as many tokens as asked: about nine tokens each, so a few more than needed. */
export function lengthy(seed: number, tokens: number): string {
  const random = createRandom(seed)
  const sentences = Array.from(
    { length: Math.ceil(tokens / 5) + 1 },
    (_, index) => `${index + 1}. ${random.pick(SUBJECTS)} ${random.pick(VERBS)} ${random.pick(OBJECTS)}.`,
  )
  return sentences.join('\n')
}
