import type { Answer } from '../answer.ts'
import type { Json, JsonObject } from '../json.ts'
import { allLogprobs } from '../logprobs.ts'
import { type Tokenizer, type Tokens, textOf } from '../tokens.ts'

export interface PromptAnswer {
  readonly prompt: readonly number[]
  readonly seed: number
  readonly answer: Answer
}

export interface CompletionReply {
  readonly id: string
  readonly created: number
  readonly model: string
  readonly choices: readonly PromptAnswer[]
  readonly echo: boolean
  /** How many alternatives a token; null where no log probabilities were asked for. */
  readonly logprobs: number | null
  readonly promptTokens: number
  readonly completionTokens: number
  readonly tokenizer: Tokenizer
}

/** A `text_completion`: the keys of capture openai-completion-text, in their order. */
export function completion(reply: CompletionReply): JsonObject {
  return {
    id: reply.id,
    object: 'text_completion',
    created: reply.created,
    model: reply.model,
    choices: reply.choices.map((choice, index) => {
      const said = textOf(saidBy(choice.answer), reply.tokenizer)
      return {
        text: (reply.echo ? promptText(reply, choice) : '') + said,
        index,
        logprobs: logprobsObject(weigh(reply, choice), reply.logprobs),
        finish_reason: finishOf(choice.answer),
      }
    }),
    usage: usageOf(reply),
  }
}

export const usageOf = ({ promptTokens, completionTokens }: CompletionReply): JsonObject => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
})

/** This wire knows neither calls nor refusals: a refusal is text. */
export const saidBy = (answer: Answer): Tokens => answer.text ?? answer.refusal ?? { ids: [], cut: null }

export const finishOf = (answer: Answer): string => (answer.finish === 'tool_calls' ? 'stop' : answer.finish)

export const promptText = ({ tokenizer }: CompletionReply, { prompt }: PromptAnswer): string =>
  textOf({ ids: prompt, cut: null }, tokenizer)

/** A token with its probability and its place in the text; the first of an echoed prompt follows nothing. */
export interface Weighed {
  readonly token: string
  readonly logprob: number | null
  readonly top: Readonly<Record<string, number>>
  readonly offset: number
}

/** All tokens of a choice as `logprobs` lists them, an echoed prompt's first; null where they were not asked for. */
export function weigh(reply: CompletionReply, choice: PromptAnswer): readonly Weighed[] | null {
  const { tokenizer, echo, logprobs: top } = reply
  if (top === null) return null
  const prompt = echo ? allLogprobs({ ids: choice.prompt, cut: null }, tokenizer, top, choice.seed) : []
  const said = allLogprobs(saidBy(choice.answer), tokenizer, top, choice.seed)
  let offset = echo ? 0 : promptText(reply, choice).length
  return [...prompt, ...said].map((one, at) => {
    offset += one.token.length
    return {
      token: one.token,
      logprob: echo && at === 0 ? null : one.logprob,
      top: Object.fromEntries(one.top_logprobs.map(other => [other.token, other.logprob])),
      offset: offset - one.token.length,
    }
  })
}

/** Four lists of one length. */
export const logprobsObject = (weighed: readonly Weighed[] | null, top: number | null): Json =>
  weighed && {
    tokens: weighed.map(one => one.token),
    token_logprobs: weighed.map(one => one.logprob),
    top_logprobs: top === 0 ? null : weighed.map(one => one.top),
    text_offset: weighed.map(one => one.offset),
  }
