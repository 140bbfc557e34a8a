// Questions that the conversation itself, or a little arithmetic, can answer.
import type { Random } from '../random.ts'
import { findSum } from './arithmetic.ts'
import type { Reading } from './reading.ts'
import { shorten, stems } from './words.ts'

export const sum = (reading: Reading, random: Random): string | null => {
  const found = findSum(reading.said)
  if (!found) return null
  return random.pick([
    `${found.sum} is ${found.value}.`,
    `That makes ${found.value}: ${found.sum} = ${found.value}.`,
    `${found.sum} = ${found.value}. Sums are among the few things that a deterministic engine does well.`,
  ])
}

export const userName = (reading: Reading): string | null => {
  if (!/\b(?:what(?:'s| is)|do you (?:know|remember)|tell me|say) my name\b|\bwho am i\b/i.test(reading.said))
    return null
  return reading.userName === null
    ? 'You have not told me your name yet.'
    : `Your name is ${reading.userName}: you told me so in this conversation.`
}

const ASKS_BACK =
  /\b(?:remember|recall|remind me|earlier|before|previously|first (?:message|question|thing)|(?:did|have) i (?:just )?(?:say|said|ask|asked|tell|told|mention|mentioned)|what (?:was|is) (?:the|my))\b/i

/** What the user said before, found by the words that both share. */
export const recall = (reading: Reading): string | null => {
  if (reading.earlier.length === 0 || !ASKS_BACK.test(reading.said)) return null
  const [first = ''] = reading.earlier
  if (/\bfirst\b/i.test(reading.said)) return `Your first message was: "${shorten(first, 300)}"`
  const plain = /\b(?:earlier|before|previously|(?:did|have) i)\b/i.test(reading.said)
  const told = reading.earlier.filter(text => plain || !/\?\s*$/.test(text))
  const scored = told.map(text => ({
    text,
    shared: [...stems(text)].filter(word => reading.words.stems.has(word)).length,
  }))
  const best = scored.reduce((so, one) => (one.shared >= so.shared ? one : so), { text: '', shared: 0 })
  if (best.text === '' || (best.shared === 0 && !plain)) return null
  return `Earlier in this conversation you said: "${shorten(best.text, 300)}"`
}

export const identity = (reading: Reading, random: Random): string | null => {
  const asked =
    /\b(?:who|what) are you\b|\bare you (?:an? )?(?:ai|human|real|model|llm|chatgpt|gpt|bot)\b|\bwhat can you do\b/i
  if (!asked.test(reading.said)) return null
  return `${random.pick(IDENTITIES)} I answer every request that OpenAI's API would accept, in the same shape, and I refuse the others with the same errors.`
}

/** Every composed answer says what it comes from. */
export const IDENTITIES = [
  'I am the Dragoman sandbox: a small deterministic engine embedded in the gateway, not an AI.',
  'This is the Dragoman sandbox speaking, an embedded deterministic engine and not an AI model.',
  'You have reached the Dragoman sandbox, which is an embedded, deterministic engine rather than an AI.',
  'These words come from the Dragoman sandbox: no AI, only an embedded engine that always says the same to the same.',
] as const

/** What the results of tools said, put into sentences. */
export function fromResults(reading: Reading, random: Random): string | null {
  if (reading.results.length === 0) return null
  const opening = random.pick([
    'Thank you, the tools have answered.',
    'Here is what the tools found.',
    'With the results in hand:',
  ])
  const sentences = reading.results.map(({ tool, text }) => `The tool ${tool} returned ${plainly(text)}.`)
  return `${opening} ${sentences.join(' ')} That is all I know about it, because the sandbox is a deterministic engine and not an AI.`
}

/** JSON as words where it is flat, the text itself otherwise. */
function plainly(result: string): string {
  const value = parse(result)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const facts = Object.entries(value).map(
      ([key, one]) => `${key.replace(/_/g, ' ')} ${typeof one === 'string' ? one : JSON.stringify(one)}`,
    )
    if (facts.length > 0) return shorten(facts.join(', '), 600)
  }
  const text = shorten(typeof value === 'string' ? value : result, 600).replace(/\.$/, '')
  return text === '' ? 'nothing' : text
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
