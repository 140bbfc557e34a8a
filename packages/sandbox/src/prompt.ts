// Tokens of a prompt, by OpenAI's published rule for chat: three a message, the role, the words, a name; three more
// for the start of the answer.
import type { Media, Question, Tool, Turn } from './question.ts'
import type { Tokenizer } from './tokens.ts'

const MESSAGE = 3
const NAME = 1
const ANSWER = 3
/** Around a call in the history, and around the definitions of all functions together. */
const CALL = 3
const DEFINITIONS = 9

type Counted = Pick<Question, 'turns' | 'tools' | 'format'>

export function countPrompt(question: Counted, tokenizer: Tokenizer): number {
  const turns = question.turns.reduce((sum, turn) => sum + countTurn(turn, tokenizer), 0)
  const format =
    question.format.kind === 'schema' ? tokenizer.count(JSON.stringify(question.format.schema)) : 0
  return turns + countTools(question.tools, tokenizer) + format + ANSWER
}

/** Of the prompt's tokens, those that are sound. */
export const countAudio = (turns: readonly Turn[]): number =>
  turns
    .flatMap(turn => turn.media)
    .reduce((sum, media) => sum + (media.kind === 'audio' ? media.tokens : 0), 0)

function countTurn(turn: Turn, tokenizer: Tokenizer): number {
  const name = turn.name === null ? 0 : NAME + tokenizer.count(turn.name)
  const calls = turn.calls.reduce(
    (sum, call) => sum + CALL + tokenizer.count(call.name) + tokenizer.count(call.input),
    0,
  )
  const media = turn.media.reduce((sum: number, one: Media) => sum + one.tokens, 0)
  return MESSAGE + tokenizer.count(turn.spoken) + tokenizer.count(turn.text) + name + calls + media
}

/** Functions are shown to a model as declarations; the JSON of a schema is close to them and always there. */
function countTools(tools: readonly Tool[], tokenizer: Tokenizer): number {
  if (tools.length === 0) return 0
  const shown = tools.map(tool => {
    const shape = tool.kind === 'function' ? JSON.stringify(tool.parameters ?? {}) : (tool.pattern ?? '')
    return `${tool.name} ${tool.description} ${shape}`
  })
  return DEFINITIONS + tokenizer.count(shown.join('\n'))
}

/** What media cost: a low-detail image is a fixed price, any other image that of a square of 512 points and one more. */
export const IMAGE = { low: 85, high: 765 } as const

/** Bytes of a base64 text, or of a data URL. */
export const base64Bytes = (text: string): number => {
  const data = text.startsWith('data:') ? text.slice(text.indexOf(',') + 1) : text
  return Math.floor((data.length * 3) / 4)
}

/** Ten tokens a second at 16 kHz, 16 bits. */
export const audioTokens = (data: string): number => Math.max(1, Math.ceil(base64Bytes(data) / 3200))

/** A file is read as text, about four bytes a token. */
export const fileTokens = (data: string): number => Math.max(1, Math.ceil(base64Bytes(data) / 4))
