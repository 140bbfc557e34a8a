import type { Answer, WholeBody } from '../core/answer.ts'
import type { Operations, Received } from '../core/call.ts'
import type { Dialect, Render } from '../core/dialect.ts'
import type { Ambient, Log } from '../core/ports.ts'
import { findDialect } from '../dialects/registry.ts'
import { createFault, type Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import type { Encoded } from '../ir/note.ts'
import type { GenerateRequest } from '../ir/request.ts'
import { splice } from '../wire/splice.ts'
import { arrayBody } from './array-body.ts'
import { explanation, factHeaders } from './facts.ts'
import { streamBody } from './stream-body.ts'

export interface RenderOptions {
  readonly ambient: Ambient
  /** Told of an exception while a stream is written; absent where nobody listens. */
  readonly log?: Log
  /** Milliseconds of silence in a stream after which a keep-alive is written. */
  readonly keepAlive: number
  /** Milliseconds a stream's caller waits for the status while the upstream is silent. */
  readonly statusAfter: number
}

/** An answer as the response that the caller's SDK expects. */
export function render(call: Received, dialect: Dialect, answer: Answer, options: RenderOptions): Response {
  switch (answer.kind) {
    case 'whole':
      return renderWhole(call, dialect, answer.body)
    case 'stream':
      return renderStream(call, dialect, answer, options, factHeaders(call))
    case 'fault':
      return renderFault(
        dialect,
        answer.fault,
        call.id,
        factHeaders(call),
        call.headers.explain ? call : undefined,
      )
    case 'cancelled':
      // Nobody is there to read it.
      return new Response(null, { status: 499 })
  }
}

/**
 * Waits for the answer; where a stream's upstream stays silent for too long, the status goes out before it and
 * keep-alives follow. The provider is still free then: only the status is frozen (law 6).
 */
export async function renderWhenDue(
  call: Received,
  dialect: Dialect,
  handled: Promise<Answer>,
  options: RenderOptions,
): Promise<Response> {
  if (!call.stream) return render(call, dialect, await handled, options)
  const due = Promise.withResolvers<undefined>()
  const cancel = options.ambient.after(options.statusAfter, () => due.resolve(undefined))
  const answer = await Promise.race([handled, due.promise])
  cancel()
  if (answer !== undefined) return render(call, dialect, answer, options)
  return renderStream(call, dialect, handled, options, { 'x-request-id': call.id })
}

function renderStream(
  call: Received,
  dialect: Dialect,
  answer: Answer | Promise<Answer>,
  options: RenderOptions,
  facts: { [name: string]: string },
): Response {
  const body = streamBody(answer, {
    call,
    dialect,
    render: () => renderContext(call),
    ambient: options.ambient,
    log: options.log ?? (() => {}),
    keepAlive: options.keepAlive,
  })
  if (call.framing === 'json-array') {
    const headers = { ...facts, ...eventStreamHeaders, ...json }
    return new Response(arrayBody(body), { status: 200, headers })
  }
  return new Response(body, { status: 200, headers: { ...facts, ...eventStreamHeaders } })
}

/** What every stream of events is sent with. */
export const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
} as const

/** What encoders of answers may know of the call. */
function renderContext(call: Received): Render {
  const decoded = call.body.value()
  // A request that was translated was decoded; an embed request needs no render context.
  const request = decoded.ok && 'turns' in decoded.value ? decoded.value : emptyRequest(call.model)
  const framing = call.framing === undefined ? {} : { framing: call.framing }
  return { id: call.id, created: Math.floor(call.receivedAt / 1000), request, ...framing }
}

const emptyRequest = (model: string): GenerateRequest => ({
  model,
  turns: [],
  sampling: {},
  hints: {},
  stream: false,
})

const json = { 'content-type': 'application/json' }

function jsonFacts(call: Received): { [name: string]: string } {
  const headers = factHeaders(call)
  headers['content-type'] = 'application/json'
  return headers
}

function renderWhole(call: Received, dialect: Dialect, body: WholeBody): Response {
  if (body.form === 'wire') {
    const explained = call.headers.explain
      ? splice(body.bytes, [{ operation: 'set', path: ['dragoman'], value: explanation(call.journal) }])
      : body.bytes
    return new Response(explained as BodyInit, { headers: jsonFacts(call) }) // bytes are a BodyInit; the DOM types lag
  }
  const encoded = encodeWhole(call, dialect, body.value)
  for (const note of encoded.notes) call.journal.note({ ...note, path: dialect.pathOf(note.path) })
  const value = call.headers.explain
    ? { ...encoded.value, dragoman: explanation(call.journal) }
    : encoded.value
  return new Response(JSON.stringify(value), { headers: jsonFacts(call) })
}

type Values = Operations[keyof Operations]['reply']

function encodeWhole(call: Received, dialect: Dialect, value: Values): Encoded<JsonObject> {
  if (typeof value === 'number') return { value: dialect.count?.encodeReply(value) ?? {}, notes: [] }
  if ('candidates' in value) {
    const encode = call.operation === 'compact' ? dialect.compact?.encodeReply : undefined
    return (encode ?? dialect.encodeReply)(value, renderContext(call))
  }
  const request = call.body.value()
  const isEmbed = request.ok && 'input' in request.value
  return isEmbed && dialect.embed !== undefined
    ? dialect.embed.encodeReply(value, request.value as Operations['embed']['request']) // `input` is an embed request's
    : { value: {}, notes: [] }
}

/** A fault as this dialect's clients know errors. */
export function renderFault(
  dialect: Dialect | undefined,
  fault: Fault,
  id: string,
  facts: { [name: string]: string } = { 'x-request-id': id },
  explained?: Received,
): Response {
  const speaker = dialect ?? findDialect('openai-chat')
  const rendering = speaker?.encodeError(fault, id)
  if (rendering === undefined) return new Response(fault.message, { status: fault.status })
  const body =
    explained === undefined
      ? rendering.body
      : { ...rendering.body, dragoman: { ...explanation(explained.journal), ...upstreamOf(fault) } }
  return new Response(JSON.stringify(body), {
    status: rendering.status,
    headers: { ...facts, ...rendering.headers, ...json },
  })
}

/** What the upstream said, for who wants an explanation; of a refused key only that, because it may quote the key. */
function upstreamOf({ code, upstream }: Fault): JsonObject {
  if (upstream === undefined) return {}
  const { body, ...facts } = upstream
  return { upstream: body === undefined || code === 'upstream_auth' ? facts : { ...facts, body } }
}

export const notFound = (path: string, meant: string | undefined): Fault =>
  createFault(
    'not_found',
    `There is no ${path.slice(0, 200)} here.${meant === undefined ? ' See /v1/models, /v1/chat/completions, /v1/responses, /v1/messages, /v1/embeddings.' : ` Did you mean ${meant}?`}`,
  )
