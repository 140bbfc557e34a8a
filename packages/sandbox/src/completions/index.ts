import type { Answer } from '../answer.ts'
import { bannedOf, samplingOf, stopOf } from '../chat/request.ts'
import type { Endpoint, Exchange, Outcome } from '../endpoint.ts'
import { answer, seedOf } from '../engine.ts'
import { type ApiError, cannotSample, modelNotFound, noModel, refuse } from '../errors.ts'
import { isSet, type JsonObject, listAt, numberAt, objectAt, own, textAt } from '../json.ts'
import type { Model } from '../models.ts'
import type { Question, Turn } from '../question.ts'
import { letters } from '../random.ts'
import { completionFields } from '../rules/completions.ts'
import { type Tokenizer, textOf } from '../tokens.ts'
import { unknownOld, validate } from '../validate.ts'
import { type CompletionReply, completion, type PromptAnswer } from './reply.ts'
import { completionStream } from './stream.ts'

/** `POST /v1/completions`: deprecated, and still asked for. */
export const completions: Endpoint = {
  serves: 'chat',
  noModel,
  unknownModel: modelNotFound,
  wrongModel: () => cannotSample,
  problem: (body, model) => validate(body, completionFields, unknownOld) ?? problemOf(body, model),
  answer: answerCompletion,
}

function problemOf(body: JsonObject, model: Model): ApiError | null {
  if (isSet(body, 'stream_options') && own(body, 'stream') !== true)
    return refuse(
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
    )
  const count = numberAt(body, 'n') ?? 1
  const best = numberAt(body, 'best_of')
  if (best !== null && best < count)
    return refuse(
      `You requested that the server return more choices than it will generate (HINT: you must set 'n' (currently ${count}) to be at most 'best_of' (currently ${best}), or omit either parameter if you don't specifically want to use them.)`,
      'best_of',
    )
  if (best !== null && best > count && own(body, 'stream') === true)
    return refuse("You cannot set 'best_of' above 'n' when 'stream' is enabled.", 'best_of')
  for (const id of Object.keys(objectAt(body, 'logit_bias') ?? {}))
    if (!/^\d+$/.test(id))
      return refuse(
        `Invalid key in 'logit_bias': ${id}. You should only be submitting non-negative integers.`,
        'logit_bias',
      )
  return model.efforts === null
    ? null
    : refuse(
        'This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?',
        'model',
        null,
        404,
      )
}

/** The prompts as token ids: text is encoded, and ids are taken as they are. Null where an id is no token. */
function promptsOf(body: JsonObject, tokenizer: Tokenizer): readonly (readonly number[])[] | null {
  const text = textAt(body, 'prompt')
  if (text !== null || !isSet(body, 'prompt')) return [tokenizer.encode((text ?? '').toWellFormed())]
  const given = listAt(body, 'prompt')
  const ids = (list: readonly unknown[]) => list.filter(id => typeof id === 'number')
  const prompts = given.every(one => typeof one === 'number')
    ? [ids(given)]
    : given.map(one =>
        typeof one === 'string' ? tokenizer.encode(one.toWellFormed()) : ids(Array.isArray(one) ? one : []),
      )
  return prompts.flat().every(tokenizer.has) ? prompts : null
}

function answerCompletion(body: JsonObject, model: Model, exchange: Exchange): Outcome {
  const { tokenizer, salt, created } = exchange
  const prompts = promptsOf(body, tokenizer)
  if (!prompts) return refuse("Invalid 'prompt': a token id is out of range.", 'prompt', 'invalid_value')
  const limit = numberAt(body, 'max_tokens') ?? 16
  const longest = Math.max(...prompts.map(prompt => prompt.length))
  if (longest + limit > model.context)
    return refuse(
      `This model's maximum context length is ${model.context} tokens, however you requested ${longest + limit} tokens (${longest} in your prompt; ${limit} for the completion). Please reduce your prompt; or completion length.`,
    )
  const count = numberAt(body, 'n') ?? 1
  const best = Math.max(numberAt(body, 'best_of') ?? count, count)
  const answered = prompts.map(prompt => {
    const question = questionOf(body, model, textOf({ ids: prompt, cut: null }, tokenizer), limit, best)
    return { prompt, seed: seedOf(question), answers: answer(question, tokenizer) }
  })
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
  const spent = (answers: readonly Answer[]) => sum(answers.map(one => one.tokens))
  const reply: CompletionReply = {
    id: `cmpl-${letters(29, salt)}`,
    created,
    model: model.id,
    choices: answered.flatMap(({ prompt, seed, answers }) =>
      answers.slice(0, count).map((one): PromptAnswer => ({ prompt, seed, answer: one })),
    ),
    echo: own(body, 'echo') === true,
    logprobs: numberAt(body, 'logprobs'),
    promptTokens: sum(prompts.map(prompt => prompt.length)),
    completionTokens: sum(answered.map(({ answers }) => spent(answers))),
    tokenizer,
  }
  if (own(body, 'stream') !== true) return { kind: 'whole', body: completion(reply) }
  const usage = own(objectAt(body, 'stream_options') ?? {}, 'include_usage') === true
  return { kind: 'stream', stream: completionStream(reply, usage) }
}

const TURN = { name: null, media: [], calls: [], answers: null } as const

function questionOf(body: JsonObject, model: Model, prompt: string, limit: number, count: number): Question {
  const suffix = textAt(body, 'suffix')
  const turns: Turn[] = [{ ...TURN, role: 'user', spoken: 'user', text: prompt }]
  // The suffix is what the text should lead on to: an instruction more than a message.
  if (suffix !== null)
    turns.unshift({ ...TURN, role: 'system', spoken: 'system', text: `Lead on to: ${suffix.toWellFormed()}` })
  return {
    model,
    turns,
    tools: [],
    choice: { mode: 'none', among: null },
    parallel: false,
    format: { kind: 'text' },
    sampling: samplingOf(body),
    effort: 'none',
    verbosity: 'medium',
    limit,
    stop: stopOf(body),
    count,
    banned: bannedOf(body),
  }
}
