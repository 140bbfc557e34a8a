// Answers on their way out: as they are, late, or spoilt.
import type { ApiError } from './errors.ts'
import { type Fault, serverError } from './faults.ts'
import type { Json } from './json.ts'
import type { Pacer, Step } from './pace.ts'
import { type Stream, spoil, spoilWhole } from './spoil.ts'

/** Where a body goes: the pace it keeps, and the signal that ends it. */
export interface Way {
  readonly pacer: Pacer
  readonly signal: AbortSignal
}

const JSON_TYPE = { 'content-type': 'application/json' } as const
const STREAM_TYPE = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
} as const

export const sendError = ({ status, error, headers }: ApiError): Response =>
  Response.json({ error }, { status, ...(headers && { headers }) })

export function sendWhole(body: Json, fault: Fault | null, { pacer, signal }: Way): Response {
  const text = JSON.stringify(body)
  const send = (steps: readonly Step[]) =>
    new Response(pacer.stream(steps.values(), signal), { headers: JSON_TYPE })
  if (fault?.kind === 'time') return send([{ wait: fault.milliseconds }, { text, tokens: 0 }])
  if (fault?.kind !== 'stream') return new Response(text, { headers: JSON_TYPE })
  const spoilt = spoilWhole(text, fault.spoil)
  return spoilt ? send(spoilt) : sendError({ status: 500, error: serverError })
}

export function sendStream(stream: Stream, fault: Fault | null, { pacer, signal }: Way): Response {
  const steps = fault?.kind === 'stream' ? spoil(stream, fault.spoil) : late(stream, fault)
  return new Response(pacer.stream(steps, signal), { headers: STREAM_TYPE })
}

function* late(stream: Stream, fault: Fault | null): Generator<Step> {
  if (fault?.kind === 'time') yield { wait: fault.milliseconds }
  yield* stream.frames
}

const HTML =
  '<!DOCTYPE html>\n<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<center><h1>502 Bad Gateway</h1></center>\n<hr><center>sandbox</center>\n</body>\n</html>\n'

/** A body that is no answer at all. */
export function sendScripted(fault: Fault & { kind: 'body' }, streams: boolean): Response {
  if (fault.body === 'html')
    return new Response(HTML, { status: 502, headers: { 'content-type': 'text/html; charset=utf-8' } })
  if (fault.body === 'error-in-200') return Response.json({ error: serverError })
  return new Response('', { headers: streams ? STREAM_TYPE : JSON_TYPE })
}

/** Never resolves; rejects when the caller gives up, as `fetch` does. */
export async function sendNothing({ pacer, signal }: Way): Promise<Response> {
  await pacer.sleep(Number.POSITIVE_INFINITY, signal)
  throw signal.reason
}
