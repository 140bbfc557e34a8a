import type { Log } from '../core/ports.ts'

type Fields = { readonly [name: string]: unknown }

export interface AccessLog {
  /** For the gateway: what it says of a call becomes part of that call's line. */
  readonly gatewayLog: Log
  /** For the server: the head of an answer is ready. */
  readonly onAnswer: (request: Request, response: Response, took: number) => void
}

/** More than a process has at once; what is above it is a line without its other half. */
const mostOpen = 100_000

const facts = ['dragoman-target', 'dragoman-mode'] as const

/** What the head of an answer says. The path without its query, because a key may be in that. */
function headOf(request: Request, response: Response, took: number): Fields {
  const fields: { [name: string]: unknown } = {
    method: request.method,
    path: new URL(request.url).pathname,
    status: response.status,
    head_ms: Math.round(took),
  }
  for (const header of facts) {
    const value = response.headers.get(header)
    if (value !== null) fields[header.replace('dragoman-', '')] = value
  }
  return fields
}

/**
 * One line a request: the server knows status and path, the gateway how the call ended. A stream's line is written when
 * it ends, any other when its head is ready; by then the gateway has said all it knows.
 */
export function createAccessLog(log: Log): AccessLog {
  const heads = new Map<string, Fields>()
  const calls = new Map<string, Fields>()

  const keep = (map: Map<string, Fields>, id: string, fields: Fields) => {
    if (map.size < mostOpen) map.set(id, fields)
  }

  return {
    gatewayLog(level, message, fields = {}) {
      if (message !== 'call' || typeof fields.id !== 'string') {
        log(level, message, fields)
        return
      }
      const { id } = fields
      const head = heads.get(id)
      heads.delete(id)
      if (head === undefined) keep(calls, id, fields)
      else log('info', 'request', { ...head, ...fields })
    },
    onAnswer(request, response, took) {
      const id = response.headers.get('x-request-id') ?? ''
      const head = { id, ...headOf(request, response, took) }
      const call = calls.get(id)
      calls.delete(id)
      const isOpen =
        call === undefined && response.headers.get('content-type')?.startsWith('text/event-stream')
      if (isOpen) keep(heads, id, head)
      else log('info', 'request', { ...head, ...call })
    },
  }
}
