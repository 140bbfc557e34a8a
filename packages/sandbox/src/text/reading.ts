import type { Media, Question, Turn } from '../question.ts'
import { readWords, type Words } from './words.ts'

/** The conversation as the composer sees it. */
export interface Reading {
  /** The last thing that the user said; empty where the user said nothing. */
  readonly said: string
  readonly words: Words
  /** What the user said before, oldest first. */
  readonly earlier: readonly string[]
  /** How many times the user has spoken. */
  readonly turns: number
  readonly instructions: string
  /** Images, audio and files that came with the last words. */
  readonly media: readonly Media[]
  /** Results of tools that came after the last words. */
  readonly results: readonly { readonly tool: string; readonly text: string }[]
  readonly userName: string | null
}

export function readConversation(question: Question): Reading {
  const { turns } = question
  const spoken = turns.filter(turn => turn.role === 'user')
  const last = spoken.at(-1)
  const said = gist(last?.text ?? '')
  const after = last ? turns.slice(turns.lastIndexOf(last) + 1) : turns
  return {
    said,
    words: readWords(said),
    earlier: spoken.slice(0, -1).map(turn => gist(turn.text)),
    turns: spoken.length,
    instructions: turns
      .filter(turn => turn.role === 'system')
      .map(turn => gist(turn.text))
      .join('\n'),
    media: last?.media ?? [],
    results: results(after),
    userName: nameOf(spoken),
  }
}

/** The beginning and the end of a long text: an order stands in one of them, and patterns must not read megabytes. */
const gist = (text: string): string =>
  text.length > 5000 ? `${text.slice(0, 3500)}\n${text.slice(-1500)}` : text

function results(after: readonly Turn[]): Reading['results'] {
  const calls = after.flatMap(turn => turn.calls)
  return after
    .filter(turn => turn.role === 'tool')
    .map(turn => ({
      tool: calls.find(call => call.id === turn.answers)?.name ?? turn.name ?? 'tool',
      text: gist(turn.text),
    }))
}

const INTRODUCTION = /\b(?:my name is|i am called|call me|i'm called)\s+(\p{L}[\p{L}\p{M}'’-]*)/iu

/** The name that the user gave last: in words, or as the `name` of a message. */
function nameOf(spoken: readonly Turn[]): string | null {
  for (const turn of [...spoken].reverse()) {
    const given = INTRODUCTION.exec(gist(turn.text))?.[1]
    if (given !== undefined) return given
  }
  return spoken.findLast(turn => turn.name !== null)?.name ?? null
}
