// What the rules of one field cannot see, on Responses.
import { functionProblem } from '../chat/check.ts'
import { nameIn } from '../chat/request.ts'
import { type ApiError, enumerate, refuse, unsupportedParameter } from '../errors.ts'
import { isSet, type JsonObject, listAt, numberAt, objectAt, objectsAt, own, textAt } from '../json.ts'
import type { Model } from '../models.ts'
import { HOSTED_TOOLS } from '../rules/responses.ts'
import { looseProblem, strictProblem } from '../schema/strict.ts'
import { inputProblem } from './history.ts'

type Check = (body: JsonObject, model: Model) => ApiError | null

/** In the order in which they speak. */
const CHECKS: readonly Check[] = [state, modelLimits, tools, toolChoice, textFormat, inputProblem]

export function responseProblem(body: JsonObject, model: Model): ApiError | null {
  for (const check of CHECKS) {
    const problem = check(body, model)
    if (problem) return problem
  }
  return null
}

/** The engine remembers nothing: whatever is stored elsewhere is not found. */
function state(body: JsonObject): ApiError | null {
  const previous = textAt(body, 'previous_response_id')
  const conversation = textAt(body, 'conversation') ?? textAt(objectAt(body, 'conversation') ?? {}, 'id')
  if (previous !== null && conversation !== null)
    return refuse(
      "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of: 'previous_response_id' or 'conversation'.",
      null,
      'mutually_exclusive_parameters',
    )
  if (previous !== null)
    return refuse(
      `Previous response with id '${previous}' not found.`,
      'previous_response_id',
      'previous_response_not_found',
    )
  if (conversation !== null)
    return refuse(`Conversation with id '${conversation}' not found.`, 'conversation', null, 404)
  const prompt = textAt(objectAt(body, 'prompt') ?? {}, 'id')
  if (prompt !== null) return refuse(`Prompt with id '${prompt}' not found.`, 'prompt', null, 404)
  if (own(body, 'background') === true) return unsupportedParameter('background')
  if (isSet(body, 'moderation')) return unsupportedParameter('moderation')
  if (isSet(body, 'stream_options') && own(body, 'stream') !== true)
    return refuse(
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
    )
  return null
}

function modelLimits(body: JsonObject, model: Model): ApiError | null {
  const most = numberAt(body, 'max_output_tokens')
  if (most !== null && most > model.output)
    return refuse(
      `Invalid 'max_output_tokens': integer above maximum value. Expected a value <= ${model.output}, but got ${most} instead.`,
      'max_output_tokens',
      'integer_above_max_value',
    )
  const reasoning = objectAt(body, 'reasoning') ?? {}
  return model.efforts === null ? plainLimits(body, reasoning) : reasoningLimits(body, model, reasoning)
}

function plainLimits(body: JsonObject, reasoning: JsonObject): ApiError | null {
  for (const name of ['effort', 'summary', 'generate_summary'])
    if (isSet(reasoning, name)) return unsupportedParameter(`reasoning.${name}`)
  return listAt(body, 'include').includes('reasoning.encrypted_content')
    ? refuse('Encrypted content is not supported with this model.', 'include')
    : null
}

function reasoningLimits(body: JsonObject, model: Model, reasoning: JsonObject): ApiError | null {
  for (const name of ['temperature', 'top_p'])
    if (isSet(body, name) && numberAt(body, name) !== 1)
      return refuse(`Unsupported parameter: '${name}' is not supported with this model.`, name)
  const wants = listAt(body, 'include').includes('message.output_text.logprobs')
  if (wants || (numberAt(body, 'top_logprobs') ?? 0) > 0)
    return refuse('logprobs are not supported with reasoning models.', wants ? 'include' : 'top_logprobs')
  const effort = textAt(reasoning, 'effort')
  if (effort === null || model.efforts?.some(one => one === effort)) return null
  return refuse(
    `Unsupported value: '${effort}' is not supported with the '${model.id}' model. Supported values are: ${enumerate(model.efforts ?? [])}.`,
    'reasoning.effort',
    'unsupported_value',
  )
}

function tools(body: JsonObject, model: Model): ApiError | null {
  for (const [index, tool] of objectsAt(body, 'tools').entries()) {
    const type = textAt(tool, 'type') ?? ''
    if (HOSTED_TOOLS.some(hosted => hosted === type))
      return refuse(`Hosted tool '${type}' is not supported with ${model.id}.`, 'tools')
    const problem = functionProblem(tool, `tools[${index}].parameters`)
    if (problem) return problem
  }
  return null
}

function toolChoice(body: JsonObject): ApiError | null {
  const offered = objectsAt(body, 'tools')
  if (own(body, 'tool_choice') === 'required' && offered.length === 0)
    return refuse("Tool choice 'required' must be specified with 'tools' parameter.", 'tool_choice')
  const choice = objectAt(body, 'tool_choice')
  if (!choice) return null
  const names = new Set(offered.map(nameIn))
  const missing = (reference: JsonObject) => !names.has(nameIn(reference))
  const subset = objectsAt(choice, 'tools').find(missing)
  const name = isSet(choice, 'tools') ? subset && nameIn(subset) : missing(choice) && textAt(choice, 'type')
  return name ? refuse(`Tool choice '${name}' not found in 'tools' parameter.`, 'tool_choice') : null
}

function textFormat(body: JsonObject): ApiError | null {
  const format = objectAt(objectAt(body, 'text') ?? {}, 'format')
  if (!format) return null
  if (textAt(format, 'type') === 'json_object' && !/json/i.test(JSON.stringify(own(body, 'input') ?? '')))
    return refuse(
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      'text.format',
    )
  const schema = objectAt(format, 'schema')
  if (!schema) return null
  const problem = own(format, 'strict') === true ? strictProblem(schema) : looseProblem(schema)
  return problem === null
    ? null
    : refuse(
        `Invalid schema for response_format '${textAt(format, 'name') ?? ''}': ${problem}`,
        'text.format.schema',
        'invalid_json_schema',
      )
}
