import type { Endpoint, Exchange, Outcome } from '../endpoint.ts'
import { type ApiError, modelNotFound, noModel, refuse } from '../errors.ts'
import { type Json, type JsonObject, listAt, numberAt, own, textAt } from '../json.ts'
import type { Model } from '../models.ts'
import { embeddingFields } from '../rules/embeddings.ts'
import { type Tokenizer, textOf } from '../tokens.ts'
import { unknownOld, validate } from '../validate.ts'
import { embed, toBase64 } from './vector.ts'

/** Tokens of all inputs together. */
const MOST_TOKENS = 300_000

/** `POST /v1/embeddings`. */
export const embeddings: Endpoint = {
  serves: 'embedding',
  noModel,
  unknownModel: modelNotFound,
  wrongModel: () => refuse('You are not allowed to generate embeddings from this model', null, null, 403),
  problem: (body, model) =>
    inputProblem(body) ?? validate(body, embeddingFields, unknownOld) ?? dimensionsProblem(body, model),
  answer: answerEmbeddings,
}

/** This route does not say what is wrong with an input that is empty or of another kind. */
function inputProblem(body: JsonObject): ApiError | null {
  const input = own(body, 'input')
  const items = Array.isArray(input) ? input : [input]
  const usable = (one: Json | undefined) =>
    typeof one === 'string' ? one !== '' : typeof one === 'number' || (Array.isArray(one) && one.length > 0)
  if (input === undefined || (items.length > 0 && items.every(usable) && typeof input !== 'number'))
    return null
  return refuse(
    "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
  )
}

function dimensionsProblem(body: JsonObject, model: Model): ApiError | null {
  const dimensions = numberAt(body, 'dimensions')
  if (dimensions === null || dimensions <= model.dimensions) return null
  return refuse(
    `Invalid value for 'dimensions' = ${dimensions}. Must be less than or equal to ${model.dimensions}.`,
    'dimensions',
  )
}

interface Input {
  readonly text: string
  readonly tokens: number
}

/** Each input as text and its tokens; null where a token id means nothing. */
function inputsOf(body: JsonObject, tokenizer: Tokenizer): readonly Input[] | null {
  const ofText = (text: string): Input => ({ text, tokens: tokenizer.count(text) })
  const text = textAt(body, 'input')
  if (text !== null) return [ofText(text.toWellFormed())]
  const given = listAt(body, 'input')
  const lists = given.every(one => typeof one === 'number') ? [given] : given
  const inputs: Input[] = []
  for (const one of lists) {
    if (typeof one === 'string') inputs.push(ofText(one.toWellFormed()))
    if (!Array.isArray(one)) continue
    const ids = one.filter(id => typeof id === 'number')
    if (!ids.every(tokenizer.has)) return null
    inputs.push({ text: textOf({ ids, cut: null }, tokenizer), tokens: ids.length })
  }
  return inputs
}

function answerEmbeddings(body: JsonObject, model: Model, { tokenizer }: Exchange): Outcome {
  const inputs = inputsOf(body, tokenizer)
  if (!inputs) return refuse("Invalid 'input': a token id is out of range.", 'input', 'invalid_value')
  const tokens = inputs.reduce((sum, input) => sum + input.tokens, 0)
  const problem = sizeProblem(inputs, tokens, model)
  if (problem) return problem
  const length = numberAt(body, 'dimensions') ?? model.dimensions
  const inBase64 = textAt(body, 'encoding_format') === 'base64'
  return {
    kind: 'whole',
    body: {
      object: 'list',
      data: inputs.map(({ text }, index) => {
        const vector = embed(text, model.dimensions, length)
        return { object: 'embedding', index, embedding: inBase64 ? toBase64(vector) : Array.from(vector) }
      }),
      model: model.id,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    },
  }
}

function sizeProblem(inputs: readonly Input[], tokens: number, model: Model): ApiError | null {
  const longest = Math.max(...inputs.map(input => input.tokens))
  if (longest > model.context)
    return refuse(
      `This model's maximum context length is ${model.context} tokens, however you requested ${longest} tokens (${longest} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.`,
    )
  if (tokens <= MOST_TOKENS) return null
  return {
    status: 400,
    error: {
      message: `Requested ${tokens} tokens, max ${MOST_TOKENS} tokens per request`,
      type: 'max_tokens_per_request',
      param: null,
      code: 'max_tokens_per_request',
    },
  }
}
