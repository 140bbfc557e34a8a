// What the rules of one field cannot see: fields that need or exclude each other, and what a model takes.
import { type ApiError, enumerate, missingParameter, refuse, unsupportedParameter } from '../errors.ts'
import { isSet, type JsonObject, listAt, numberAt, objectAt, objectsAt, own, textAt } from '../json.ts'
import { isImageUrl } from '../media.ts'
import type { Model } from '../models.ts'
import { looseProblem, strictProblem } from '../schema/strict.ts'
import { unknownOld } from '../validate.ts'
import { historyProblem } from './history.ts'
import { nameIn } from './request.ts'

type Check = (body: JsonObject, model: Model) => ApiError | null

/** In the order in which they speak. */
const CHECKS: readonly Check[] = [
  unsupported,
  modelLimits,
  dependencies,
  toolChoice,
  toolSchemas,
  responseFormat,
  content,
  body => historyProblem(objectsAt(body, 'messages')),
]

export function chatProblem(body: JsonObject, model: Model): ApiError | null {
  for (const check of CHECKS) {
    const problem = check(body, model)
    if (problem) return problem
  }
  return null
}

const only = (param: string, condition: string): ApiError =>
  refuse(`The '${param}' parameter is only allowed when '${condition}' is enabled.`, param)
const onlyWith = (param: string, other: string): ApiError =>
  refuse(`Invalid value for '${param}': '${param}' is only allowed when '${other}' are specified.`, param)

function unsupported(body: JsonObject): ApiError | null {
  if (listAt(body, 'modalities').includes('audio') || isSet(body, 'audio'))
    return unsupportedParameter(isSet(body, 'audio') ? 'audio' : 'modalities')
  if (isSet(body, 'web_search_options'))
    return refuse('Web search options not supported with this model.', 'web_search_options')
  for (const name of ['prediction', 'moderation']) if (isSet(body, name)) return unsupportedParameter(name)
  return null
}

/** Sampling has no meaning for a model that reasons, so only the defaults are taken (card section 9). */
const DEFAULTS: readonly (readonly [string, number])[] = [
  ['temperature', 1],
  ['top_p', 1],
  ['presence_penalty', 0],
  ['frequency_penalty', 0],
]

function modelLimits(body: JsonObject, model: Model): ApiError | null {
  if (isSet(body, 'max_tokens') && isSet(body, 'max_completion_tokens'))
    return refuse(
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
    )
  if (model.efforts !== null) return reasoningLimits(body, model) ?? outputLimit(body, model)
  return isSet(body, 'reasoning_effort') ? unknownOld(['reasoning_effort']) : outputLimit(body, model)
}

function reasoningLimits(body: JsonObject, model: Model): ApiError | null {
  if (isSet(body, 'max_tokens'))
    return unsupportedParameter('max_tokens', " Use 'max_completion_tokens' instead.")
  for (const [name, usual] of DEFAULTS) {
    const value = numberAt(body, name)
    if (value !== null && value !== usual)
      return refuse(
        `Unsupported value: '${name}' does not support ${value} with this model. Only the default (${usual}) value is supported.`,
        name,
        'unsupported_value',
      )
  }
  for (const name of ['logit_bias', 'logprobs', 'top_logprobs', 'stop'])
    if (isSet(body, name) && own(body, name) !== false) return unsupportedParameter(name)
  const effort = textAt(body, 'reasoning_effort')
  return effort === null ? null : effortProblem(effort, model, 'reasoning_effort')
}

export function effortProblem(effort: string, model: Model, param: string): ApiError | null {
  const efforts = model.efforts ?? []
  if (efforts.some(one => one === effort)) return null
  return refuse(
    `Unsupported value: '${param}' does not support '${effort}' with this model. Supported values are: ${enumerate(efforts)}.`,
    param,
    'unsupported_value',
  )
}

function outputLimit(body: JsonObject, model: Model): ApiError | null {
  for (const name of ['max_completion_tokens', 'max_tokens']) {
    const value = numberAt(body, name)
    if (value !== null && value > model.output)
      return refuse(
        `max_tokens is too large: ${value}. This model supports at most ${model.output} completion tokens, whereas you provided ${value}.`,
        name,
        'invalid_value',
      )
  }
  return null
}

function dependencies(body: JsonObject): ApiError | null {
  if (isSet(body, 'stream_options') && own(body, 'stream') !== true) return only('stream_options', 'stream')
  if (isSet(body, 'top_logprobs') && own(body, 'logprobs') !== true) return only('top_logprobs', 'logprobs')
  for (const id of Object.keys(objectAt(body, 'logit_bias') ?? {}))
    if (!/^\d+$/.test(id))
      return refuse(
        `Invalid key in 'logit_bias': ${id}. You should only be submitting non-negative integers.`,
        'logit_bias',
      )
  if (!isSet(body, 'tools'))
    for (const name of ['tool_choice', 'parallel_tool_calls'])
      if (isSet(body, name)) return onlyWith(name, 'tools')
  return isSet(body, 'function_call') && !isSet(body, 'functions')
    ? onlyWith('function_call', 'functions')
    : null
}

function toolChoice(body: JsonObject): ApiError | null {
  const names = new Set([...objectsAt(body, 'tools'), ...objectsAt(body, 'functions')].map(nameIn))
  const param = isSet(body, 'function_call') ? 'function_call' : 'tool_choice'
  const choice = objectAt(body, param)
  if (!choice) return null
  const allowed = objectAt(choice, 'allowed_tools')
  const wanted = allowed ? objectsAt(allowed, 'tools') : [choice]
  const missing = wanted.map(nameIn).find(name => !names.has(name))
  if (missing === undefined) return null
  const kind = textAt(choice, 'type') === 'custom' ? 'custom tool' : 'function'
  const list = param === 'tool_choice' ? 'tools' : 'functions'
  return refuse(
    `Invalid value for '${param}': no ${kind} named ${missing} was specified in the '${list}' parameter.`,
    param,
  )
}

function toolSchemas(body: JsonObject): ApiError | null {
  const tools = objectsAt(body, 'tools').map(tool => objectAt(tool, 'function'))
  for (const [index, tool] of tools.entries()) {
    const problem = tool && functionProblem(tool, `tools[${index}].function.parameters`)
    if (problem) return problem
  }
  for (const [index, tool] of objectsAt(body, 'functions').entries()) {
    const problem = functionProblem(tool, `functions[${index}].parameters`)
    if (problem) return problem
  }
  return null
}

/** What is wrong with a function's parameters, where it has any. */
export function functionProblem(tool: JsonObject, param: string): ApiError | null {
  const parameters = objectAt(tool, 'parameters')
  if (!parameters) return null
  const problem = own(tool, 'strict') === true ? strictProblem(parameters) : looseProblem(parameters)
  return problem === null
    ? null
    : refuse(
        `Invalid schema for function '${textAt(tool, 'name') ?? ''}': ${problem}`,
        param,
        'invalid_function_parameters',
      )
}

function responseFormat(body: JsonObject): ApiError | null {
  const format = objectAt(body, 'response_format')
  if (!format) return null
  if (textAt(format, 'type') === 'json_object' && !/json/i.test(JSON.stringify(own(body, 'messages'))))
    return refuse(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      'messages',
    )
  const described = objectAt(format, 'json_schema')
  const schema = described && objectAt(described, 'schema')
  if (!described) return null
  const strict = own(described, 'strict') === true
  if (!schema) return strict ? missingParameter('response_format.json_schema.schema') : null
  const problem = strict ? strictProblem(schema) : looseProblem(schema)
  return problem === null
    ? null
    : refuse(
        `Invalid schema for response_format '${textAt(described, 'name') ?? ''}': ${problem}`,
        'response_format',
      )
}

function content(body: JsonObject): ApiError | null {
  for (const [index, message] of objectsAt(body, 'messages').entries()) {
    const silent = !['content', 'tool_calls', 'function_call', 'refusal', 'audio'].some(key =>
      isSet(message, key),
    )
    if (textAt(message, 'role') === 'assistant' && silent)
      return refuse(
        `Invalid value for 'content': expected a string, got null.`,
        `messages.[${index}].content`,
      )
    const problem = partsProblem(message, index)
    if (problem) return problem
  }
  return null
}

function partsProblem(message: JsonObject, index: number): ApiError | null {
  for (const [at, part] of objectsAt(message, 'content').entries()) {
    const path = `messages[${index}].content[${at}]`
    const url = textAt(objectAt(part, 'image_url') ?? {}, 'url')
    if (url !== null && !isImageUrl(url))
      return refuse(
        `Invalid '${path}.image_url.url'. Expected a valid URL, but got a value with an invalid format.`,
        `${path}.image_url.url`,
        'invalid_value',
      )
    const file = objectAt(part, 'file')
    if (file && !isSet(file, 'file_data') && !isSet(file, 'file_id'))
      return missingParameter(`${path}.file.file_id`)
  }
  return null
}
