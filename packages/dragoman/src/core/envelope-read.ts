import type { JsonObject, JsonValue } from '../ir/json.ts'
import { isObject } from '../wire/json.ts'
import { isList, objectsOf, textOf } from './codec/values.ts'

/** What an error body says, whatever its shape. */
export interface ErrorFacts {
  readonly message?: string
  readonly type?: string
  readonly code?: string
  readonly param?: string
  /** A status inside the body: some hosts answer 200 and say it there. */
  readonly status?: number
}

/** Longest text taken from a body. */
const textLimit = 2048

/**
 * Reads an error body. Hosts of these wires answer with OpenAI's envelope, with `error` as a string, with the envelope's
 * fields and no envelope, with a validator's `detail`, with a list around it all, with text, with a page, or nothing.
 */
export function readErrorBody(body: string): {
  readonly facts: ErrorFacts
  readonly shown: JsonObject | string
} {
  const text = body.trim()
  const shown = text.slice(0, textLimit)
  if (text.startsWith('{') || text.startsWith('[')) {
    try {
      const parsed: JsonValue = JSON.parse(text)
      const wire = isList(parsed) ? parsed[0] : parsed
      if (isObject(wire)) return { facts: errorFactsOf(wire), shown: wire }
    } catch {
      // Cut short, or no JSON after all: then it is text.
    }
  }
  if (text === '' || text.startsWith('<')) return { facts: {}, shown }
  return { facts: { message: shown }, shown }
}

/** The facts of an error that was parsed already, such as a frame of a stream. */
export function errorFactsOf(wire: JsonObject): ErrorFacts {
  const { error, fault, errors } = wire
  const envelope = isObject(error) ? error : isObject(fault) ? fault : objectsOf(errors)[0]
  if (envelope !== undefined) return { ...factsOf(wire), ...factsOf(envelope) }
  const text = textOf(error)
  return { ...factsOf(wire), ...(text === undefined ? {} : { message: text }) }
}

function factsOf(wire: JsonObject): ErrorFacts {
  const facts: { -readonly [K in keyof ErrorFacts]: ErrorFacts[K] } = {}
  const validation = validationOf(wire)
  const message = validation?.message ?? textOf(wire.message) ?? textOf(wire.faultstring)
  const param = textOf(wire.param) ?? validation?.param
  const type = textOf(wire.type) ?? textOf(wire.error_type) ?? textOf(wire.status)
  const { code } = wire
  if (message !== undefined) facts.message = message.slice(0, textLimit)
  if (type !== undefined && type !== 'error') facts.type = type
  if (textOf(code) !== undefined || typeof code === 'number') facts.code = String(code)
  if (param !== undefined) facts.param = param
  const status = [code, wire.status, wire.statusCode, wire.http_status].find(isStatus)
  if (status !== undefined) facts.status = Number(status)
  return facts
}

function isStatus(value: JsonValue | undefined): boolean {
  const status = typeof value === 'string' ? Number(value) : value
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600
}

/** A validator's list of complaints: `{detail: [{loc: ['body', 'stop'], msg, type}]}`, under either of two names. */
function validationOf(wire: JsonObject): { readonly message: string; readonly param?: string } | undefined {
  const { detail, message } = wire
  if (typeof detail === 'string' && detail !== '') return { message: detail }
  const list = isList(detail) ? detail : isObject(message) ? message.detail : message
  const [first] = objectsOf(list)
  if (first === undefined) return undefined
  const path = isList(first.loc) ? pathOfLocation(first.loc) : undefined
  const said = textOf(first.msg) ?? textOf(first.message) ?? JSON.stringify(first)
  return path === undefined ? { message: said } : { message: `${path}: ${said}`, param: path }
}

/** `['body', 'messages', 0, 'name']` to `messages[0].name`. */
function pathOfLocation(location: readonly JsonValue[]): string | undefined {
  const steps = location[0] === 'body' ? location.slice(1) : location
  let path = ''
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`
    else path += path === '' ? String(step) : `.${step}`
  }
  return path === '' ? undefined : path
}
