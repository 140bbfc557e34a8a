import type { Answer } from './answer.ts'
import { countAudio, countPrompt } from './prompt.ts'
import type { Question } from './question.ts'
import type { Tokenizer } from './tokens.ts'

/** What an exchange cost, before a wire gives it its names. */
export interface Cost {
  readonly prompt: number
  readonly audio: number
  readonly completion: number
  readonly reasoning: number
}

export function costOf(question: Question, answers: readonly Answer[], tokenizer: Tokenizer): Cost {
  return {
    prompt: countPrompt(question, tokenizer),
    audio: countAudio(question.turns),
    completion: answers.reduce((sum, answer) => sum + answer.tokens, 0),
    reasoning: answers.reduce((sum, answer) => sum + answer.thinking, 0),
  }
}

/** `CompletionUsage` as OpenAI sends it on chat: every counter stands there (capture openai-text). */
export const chatUsage = ({ prompt, audio, completion, reasoning }: Cost) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: audio },
  completion_tokens_details: {
    reasoning_tokens: reasoning,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
})

/** `ResponseUsage` of openai 7.57.0. */
export const responseUsage = ({ prompt, completion, reasoning }: Cost) => ({
  input_tokens: prompt,
  input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
  output_tokens: completion,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: prompt + completion,
})
