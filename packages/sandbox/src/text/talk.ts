import type { Random } from '../random.ts'
import { IDENTITIES } from './facts.ts'
import type { Reading } from './reading.ts'
import { shorten } from './words.ts'

const GREETING = /^\s*(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings)\b[^?]{0,30}$/i

/** What is said where nothing more exact can be: an echo, who speaks, and a remark. */
export function talk(reading: Reading, random: Random, verbosity: 'low' | 'medium' | 'high'): string {
  const first = GREETING.test(reading.said) ? greeting(reading, random) : echo(reading, random)
  const sentences = [first, random.pick(IDENTITIES)]
  if (verbosity !== 'low') sentences.push(random.pick(REMARKS), ...aside(reading, random))
  if (verbosity === 'high')
    sentences.push(
      'You asked for many words, so here are some more: the same request, with the same seed, will always get this very answer.',
      'A different seed, another temperature or one more message will change the wording, never the honesty.',
    )
  return sentences.join(' ')
}

function greeting(reading: Reading, random: Random): string {
  const name = reading.userName === null ? '' : `, ${reading.userName}`
  return random.pick([
    `Hello${name}! It is good to hear from you.`,
    `Good day${name}, and welcome.`,
    `Hello${name}, your request arrived safely.`,
  ])
}

function echo(reading: Reading, random: Random): string {
  const quote = shorten(reading.said, 120)
  if (quote === '') return 'You sent no words for me to repeat.'
  if (/\?\s*$/.test(reading.said))
    return random.pick([
      `You asked: "${quote}" A good question, and I wish that I could think about it.`,
      `"${quote}" is what you asked, and I can only hand it back to you.`,
      `Your question "${quote}" reached me unharmed.`,
    ])
  return random.pick([
    `You wrote: "${quote}" I read every word of it.`,
    `"${quote}" is what I received.`,
    `Your message "${quote}" arrived in one piece.`,
  ])
}

const REMARKS = [
  'Nothing was sent anywhere, and nothing was paid for.',
  'Swap the model name for one of a real provider when you want a real answer.',
  'Everything else about this reply, from its token counts to its finish reason, is as OpenAI would send it.',
  'Ask me for a list, a sum, a JSON object or a tool call, and I shall do my best.',
  'My answers are short, repeatable and free of opinions.',
] as const

/** A sentence about the conversation, where there is something to say about it. */
function aside(reading: Reading, random: Random): string[] {
  const asides: string[] = []
  if (reading.turns > 1) asides.push(`This is message number ${reading.turns} from you in this conversation.`)
  if (reading.userName !== null && !GREETING.test(reading.said))
    asides.push(`I have not forgotten your name, ${reading.userName}.`)
  if (reading.instructions !== '')
    asides.push(`I also read your instructions, which begin with "${shorten(reading.instructions, 40)}"`)
  const [one, ...more] = asides
  return one === undefined ? [] : [reading.turns > 1 ? one : random.pick([one, ...more])]
}
