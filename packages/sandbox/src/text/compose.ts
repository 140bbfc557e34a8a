import type { Media } from '../question.ts'
import { createRandom, type Random } from '../random.ts'
import { code } from './code.ts'
import { fromResults, identity, recall, sum, userName } from './facts.ts'
import { count, exactly, frame, list } from './orders.ts'
import type { Reading } from './reading.ts'
import { talk } from './talk.ts'

/** What is answered to the letter stands alone; what is said in sentences may get company. */
const TO_THE_LETTER = [exactly, count] as const
const IN_SENTENCES: readonly ((reading: Reading, random: Random) => string | null)[] = [
  fromResults,
  userName,
  sum,
  code,
  list,
  identity,
  recall,
]

export interface Manner {
  readonly seed: number
  readonly verbosity: 'low' | 'medium' | 'high'
  /** Which of several answers this is, from 0, and how many there are. */
  readonly index: number
  readonly count: number
}

/** The words of an answer, decided by the conversation and the seed alone. */
export function compose(reading: Reading, manner: Manner): string {
  for (const order of TO_THE_LETTER) {
    const text = reading.results.length === 0 ? order(reading) : null
    if (text !== null) return frame(text, reading)
  }
  const random = createRandom(manner.seed)
  const found = firstOf(reading, random) ?? talk(reading, random, manner.verbosity)
  const sentences = [acknowledge(reading.media), found].filter(text => text !== '')
  if (manner.index > 0) sentences.push(`This is answer ${manner.index + 1} of ${manner.count}.`)
  return frame(sentences.join(' '), reading)
}

function firstOf(reading: Reading, random: Random): string | null {
  for (const answer of IN_SENTENCES) {
    const text = answer(reading, random)
    if (text !== null) return text
  }
  return null
}

const NOUNS = { image: 'image', audio: 'audio clip', file: 'file' } as const

/** Says what came along, by kind, number and type, so that a lost attachment is seen at once. */
function acknowledge(media: readonly Media[]): string {
  if (media.length === 0) return ''
  const parts = (['image', 'audio', 'file'] as const).flatMap(kind => {
    const these = media.filter(one => one.kind === kind)
    if (these.length === 0) return []
    const labels = [...new Set(these.map(one => one.label).filter(label => label !== ''))].slice(0, 4)
    const noun = these.length === 1 ? NOUNS[kind] : `${NOUNS[kind]}s`
    return [`${these.length} ${noun}${labels.length > 0 ? ` (${labels.join(', ')})` : ''}`]
  })
  const all = parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : parts[0]
  return `I received ${all}, though I cannot look inside.`
}
