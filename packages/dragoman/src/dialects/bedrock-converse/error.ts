import { defined, parseText } from '../../core/codec/values.ts'
import type { ErrorRendering, ErrorResponse } from '../../core/dialect.ts'
import { createFault, type Fault, type FaultCode, faultCodes } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { bytesToText, writeAwsMessage } from '../../wire/aws-event-stream.ts'
import { isObject, own } from '../../wire/json.ts'
import { readRetryAfter } from '../../wire/retry-after.ts'
import { byException, byMessage, byStatus, exceptionOf } from './error-class.ts'

const textOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** The bare name of an exception: headers add an address after a colon, bodies a namespace before a hash. */
function nameOf(said: string | undefined): string | undefined {
  const bare = said?.split(':')[0]?.split('#').at(-1)?.trim()
  // Frames write it with a small first letter.
  return bare === undefined || bare === '' ? undefined : (bare[0]?.toUpperCase() ?? '') + bare.slice(1)
}

const known = (
  table: { readonly [key: string]: FaultCode },
  key: string | undefined,
): FaultCode | undefined => (key === undefined ? undefined : own(table, key))

/** Statuses of a model that are about the request; its keys and limits are the service's business. */
const callersStatuses: readonly unknown[] = [400, 404, 409, 413, 422]

interface About {
  readonly requestId?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly text?: string
}

/**
 * The failure that an exception and its body are (card 8): `exception` is its name as a header, a frame or the body
 * says it. `status` is 200 where it came in band.
 */
export function faultOf(
  exception: string | undefined,
  body: JsonObject,
  status: number,
  about: About = {},
): Fault {
  const name = nameOf(exception ?? textOf(body.__type))
  const said = textOf(body.message) ?? textOf(body.Message) ?? textOf(body.originalMessage)
  const { originalStatusCode: original } = body
  // What a model itself answered to the service says whose mistake it was (trap 38).
  const isCallers = typeof original === 'number' && callersStatuses.includes(original)
  const { code, advice } = isCallers ? mistake : classify(name, said, status)
  const shown = isCallers ? original : status
  return createFault(code, messageOf(code, name, said, status, advice), {
    ...(keepsStatus(code, shown) && { status: shown }),
    ...(about.retryAfterMs !== undefined && { retryAfterMs: about.retryAfterMs }),
    upstream: defined({
      status,
      type: name,
      requestId: about.requestId,
      body: Object.keys(body).length === 0 ? about.text : body,
    }),
  })
}

interface Class {
  readonly code: FaultCode
  readonly advice?: string
}

const mistake: Class = { code: 'invalid_request' }

/** By the message where the exception is vague, by the exception, by the status. */
function classify(name: string | undefined, said: string | undefined, status: number): Class {
  const isVague = name === 'ValidationException' || (name === undefined && status === 400)
  const cause = isVague ? byMessage.find(({ pattern }) => pattern.test(said ?? '')) : undefined
  const code = known(byException, name) ?? known(byStatus, String(status))
  return cause ?? { code: code ?? (status >= 400 && status < 500 ? 'invalid_request' : 'upstream_error') }
}

/** The caller's mistake and the server's plain failure keep their status; the other codes say more than it. */
function keepsStatus(code: FaultCode, status: number): boolean {
  if (code === 'upstream_error') return status >= 500 && status < 600
  return code !== 'model_not_found' && faultCodes[code].origin === 'client' && status >= 400 && status < 500
}

function messageOf(
  code: FaultCode,
  name: string | undefined,
  said: string | undefined,
  status: number,
  advice: string | undefined,
): string {
  // The upstream's words about a key would be about the operator's.
  if (code === 'upstream_auth') {
    return name === 'AccessDeniedException'
      ? 'The upstream refused access: its credentials may not use this model, or not in this region.'
      : 'The upstream refused the credentials it was given.'
  }
  const words = said ?? `The upstream answered with ${name ?? `status ${status}`} and no message.`
  return advice === undefined ? words : `${words} ${advice}`
}

/** Any error response: the class stands in a header, the message in a body of several forms, or there is a page. */
export function decodeError({ status, headers, body }: ErrorResponse): Fault {
  const parsed = parseText(body)
  const exception = headers.get('x-amzn-errortype') ?? undefined
  return faultOf(exception, isObject(parsed) ? parsed : {}, status, {
    requestId: headers.get('x-amzn-requestid') ?? undefined,
    retryAfterMs: readRetryAfter(headers),
    ...(isObject(parsed) || body === '' ? {} : { text: body.slice(0, 2048) }),
  })
}

/** A fault's exception: by its code, else by whose doing it is. */
const exceptionFor = (fault: Fault): string =>
  exceptionOf[fault.code] ?? (fault.status < 500 ? 'ValidationException' : 'InternalServerException')

/** The error response a client of this wire expects. */
export function encodeError(fault: Fault, requestId: string): ErrorRendering {
  const { retryAfterMs: wait } = fault
  return {
    status: fault.status,
    headers: defined({
      ...fault.headers,
      'x-amzn-errortype': exceptionFor(fault),
      'x-amzn-requestid': requestId,
      'retry-after': wait === undefined ? undefined : String(Math.ceil(wait / 1000)),
    }),
    body: { message: fault.message },
  }
}

/** What may come in band (SDK 3.1164 `ConverseStreamOutput`); any other failure is the model's stream that broke. */
const inBand: readonly string[] = [
  'ValidationException',
  'ThrottlingException',
  'ServiceUnavailableException',
  'InternalServerException',
]

/** The failure in band: an exception frame, after which nothing comes. */
export function writeFault(fault: Fault): string {
  const exception = exceptionFor(fault)
  const name = inBand.includes(exception) ? exception : 'ModelStreamErrorException'
  const data = JSON.stringify({ message: fault.message })
  const frame = `${name[0]?.toLowerCase()}${name.slice(1)}`
  return bytesToText(writeAwsMessage({ type: 'exception', name: frame, data }))
}
