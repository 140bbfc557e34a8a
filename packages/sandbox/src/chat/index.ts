import type { Endpoint, Exchange, Outcome } from '../endpoint.ts'
import { answer, seedOf } from '../engine.ts'
import { cannotSample, modelNotFound, noModel, refuse } from '../errors.ts'
import { isSet, type JsonObject, numberAt, objectAt, own, textAt } from '../json.ts'
import type { Model } from '../models.ts'
import { hexadecimal, letters } from '../random.ts'
import { chatFields } from '../rules/chat.ts'
import { costOf } from '../usage.ts'
import { type Unknown, unknownOld, validate } from '../validate.ts'
import { chatProblem } from './check.ts'
import { type ChatReply, chatCompletion } from './reply.ts'
import { chatQuestion, tierOf } from './request.ts'
import { chatStream } from './stream.ts'

/** `POST /v1/chat/completions`. */
export const chat: Endpoint = {
  serves: 'chat',
  noModel,
  unknownModel: modelNotFound,
  wrongModel: () => cannotSample,
  problem: (body, model) => validate(body, chatFields, unknownOf(model)) ?? chatProblem(body, model),
  answer: answerChat,
}

/** OpenAI names an unknown field in two ways: newer models the new one, older models the old one. */
const unknownOf = (model: Model): Unknown | undefined => (model.efforts === null ? unknownOld : undefined)

function answerChat(body: JsonObject, model: Model, exchange: Exchange): Outcome {
  const { tokenizer, salt, created } = exchange
  const question = chatQuestion(body, model)
  const answers = answer(question, tokenizer)
  const cost = costOf(question, answers, tokenizer)
  if (cost.prompt > model.context)
    return refuse(
      `This model's maximum context length is ${model.context} tokens. However, your messages resulted in ${cost.prompt} tokens. Please reduce the length of the messages.`,
      'messages',
      'context_length_exceeded',
    )
  const reply: ChatReply = {
    id: `chatcmpl-${letters(29, salt)}`,
    salt,
    created,
    model: model.id,
    tier: tierOf(textAt(body, 'service_tier')),
    fingerprint: FINGERPRINT,
    answers,
    cost,
    legacy: isSet(body, 'functions'),
    logprobs: own(body, 'logprobs') === true ? (numberAt(body, 'top_logprobs') ?? 0) : null,
    metadata: own(body, 'store') === true ? objectAt(body, 'metadata') : null,
    seed: seedOf(question),
    tokenizer,
  }
  if (own(body, 'stream') !== true) return { kind: 'whole', body: chatCompletion(reply) }
  const options = objectAt(body, 'stream_options') ?? {}
  return {
    kind: 'stream',
    stream: chatStream(reply, {
      usage: own(options, 'include_usage') === true,
      obfuscation: own(options, 'include_obfuscation') !== false,
    }),
  }
}

/** One engine, one fingerprint: the same seed gives the same answer as long as it does not change. */
const FINGERPRINT = `fp_${hexadecimal(10, 'sandbox 1')}`
