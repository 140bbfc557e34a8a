import { createRandom } from '../random.ts'
import type { Reading } from './reading.ts'
import { shorten } from './words.ts'

const STEPS = [
  'First, what is being asked: the words are few and the intention seems clear.',
  'The engine has no knowledge of the world, so it must answer from the request itself.',
  'A list, a sum or a tool would be the quickest way, if one of them fits.',
  'Let me check the instructions again before I go on.',
  'The conversation so far sets the tone, and the answer should keep to it.',
  'It would be dishonest to sound wiser than a table of sentences is.',
  'I should repeat something of the question, so that the reader sees it arrived.',
  'The seed decides between sentences of equal merit.',
  'Nothing in the request forbids a plain answer.',
  'One more look at the limits: tokens, stop sequences and format.',
] as const

/** Visible reasoning, as long as the caller lets it be: the engine cuts it to the tokens of the effort. */
export function think(reading: Reading, seed: number, sentences: number): string {
  const random = createRandom(seed)
  const opening = `The user said "${shorten(reading.said, 80)}".`
  return [opening, ...Array.from({ length: sentences }, () => random.pick(STEPS))].join(' ')
}

/** The summary that Responses shows where it is asked for: one part, or three where it should be detailed. */
export function summarise(said: string, kind: 'auto' | 'concise' | 'detailed'): readonly string[] {
  const parts = [
    `**Reading the request**\n\nThe user said "${shorten(said, 80)}", so I look for something that can be answered from these words alone.`,
    '**Choosing the words**\n\nI weigh a list, a sum and a tool, and let the seed decide between sentences of equal merit.',
    '**Checking the limits**\n\nI make sure that tokens, stop sequences and the format are respected before I answer.',
  ]
  return kind === 'detailed' ? parts : parts.slice(0, 1)
}
