import { tierOf } from '../chat/request.ts'
import type { Endpoint, Exchange, Outcome } from '../endpoint.ts'
import { answer, seedOf } from '../engine.ts'
import { missingParameter, refuse } from '../errors.ts'
import { type JsonObject, listAt, numberAt, objectAt, own, textAt } from '../json.ts'
import type { Model } from '../models.ts'
import { countPrompt } from '../prompt.ts'
import { inputTokensFields, responseFields } from '../rules/responses.ts'
import { readConversation } from '../text/reading.ts'
import { summarise } from '../text/think.ts'
import { costOf } from '../usage.ts'
import { validate } from '../validate.ts'
import { responseProblem } from './check.ts'
import { createIds } from './ids.ts'
import { itemObject, itemsOf, type ResponseReply, responseObject, statusOf } from './reply.ts'
import { responseQuestion } from './request.ts'
import { responseStream } from './stream.ts'

const shared = {
  serves: 'chat',
  noModel: missingParameter('model'),
  // Unlike chat, this route calls an unknown model a bad request.
  unknownModel: (id: string) =>
    refuse(`The requested model '${id}' does not exist.`, 'model', 'model_not_found'),
  wrongModel: (model: Model) =>
    refuse(`The requested model '${model.id}' cannot be used with the Responses API.`, 'model'),
} as const

/** `POST /v1/responses`. */
export const responses: Endpoint = {
  ...shared,
  problem: (body, model) => validate(body, responseFields) ?? responseProblem(body, model),
  answer: answerResponse,
}

/** `POST /v1/responses/input_tokens`: what the prompt of the same request would cost. */
export const inputTokens: Endpoint = {
  ...shared,
  problem: (body, model) => validate(body, inputTokensFields) ?? responseProblem(body, model),
  answer: (body, model, { tokenizer }) => ({
    kind: 'whole',
    body: {
      object: 'response.input_tokens',
      input_tokens: countPrompt(responseQuestion(body, model), tokenizer),
    },
  }),
}

function answerResponse(body: JsonObject, model: Model, exchange: Exchange): Outcome {
  const { tokenizer, salt, created } = exchange
  const question = responseQuestion(body, model)
  const [only] = answer(question, tokenizer)
  if (!only) return refuse('The model produced no answer.', null, 'server_error', 500)
  const cost = costOf(question, [only], tokenizer)
  if (cost.prompt > model.context)
    return refuse(
      'Your input exceeds the context window of this model. Please adjust your input and try again.',
      'input',
      'context_length_exceeded',
    )
  const listed = listAt(body, 'include').includes('message.output_text.logprobs')
  const top = numberAt(body, 'top_logprobs') ?? 0
  const reply: ResponseReply = {
    ids: createIds(salt, question.effort !== 'none'),
    salt,
    created,
    model,
    question,
    body,
    tier: tierOf(textAt(body, 'service_tier')),
    answer: only,
    summary: summaryOf(body, question.effort !== 'none', readConversation(question).said),
    cost,
    logprobs: listed || top > 0 ? top : null,
    seed: seedOf(question),
    tokenizer,
  }
  if (own(body, 'stream') !== true) return { kind: 'whole', body: whole(reply) }
  const options = objectAt(body, 'stream_options') ?? {}
  return { kind: 'stream', stream: responseStream(reply, own(options, 'include_obfuscation') !== false) }
}

function whole(reply: ResponseReply): JsonObject {
  const status = statusOf(reply)
  const items = itemsOf(reply)
  const output = items.map((item, at) =>
    itemObject(reply, item, at === items.length - 1 ? status : 'completed'),
  )
  return responseObject(reply, status, output)
}

function summaryOf(body: JsonObject, reasons: boolean, said: string): readonly string[] {
  const asked = objectAt(body, 'reasoning') ?? {}
  const kind = textAt(asked, 'summary') ?? textAt(asked, 'generate_summary')
  if (!reasons || kind === null) return []
  return summarise(said, kind === 'detailed' ? 'detailed' : 'concise')
}
