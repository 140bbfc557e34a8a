import type { Timeouts } from '../../core/call.ts'
import type { UpstreamRequest, UpstreamResponse } from '../../core/ports.ts'
import { AttemptSignal, type Attempts } from '../../core/signals.ts'
import type { WireStream } from '../../core/stream.ts'
import { findDialect } from '../../dialects/registry.ts'
import type { DialectId } from '../../ir/extra.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import { type Binding, pathFor } from '../../providers/binding.ts'
import { findBinding, type Provider } from '../../providers/provider.ts'
import { authorise } from '../headers.ts'
import { IdleWatch } from '../idle.ts'
import { readError, readStream, readWhole, wholeLimit } from '../read.ts'
import { type SendPorts, send, transportFault } from '../send.ts'
import { sniff } from '../sniff.ts'
import type { Held, HeldIds } from './held-id.ts'
import { type SealId, wrapBytes, wrapStream } from './wrap.ts'

/** What is asked of the upstream about a response that it keeps. */
export interface HeldAsk {
  readonly held: Held
  /** The id that the caller knows it by. */
  readonly id: string
  readonly method: UpstreamRequest['method']
  /** What stands after the id in the path, with its slash. */
  readonly below: string
  readonly query: string
  /** The caller's, of which only what the binding lists travels on. */
  readonly headers: Headers
  /** Aborts when the caller leaves. */
  readonly owner: AbortSignal
  readonly seal: SealId
}

/** Where what upstreams keep is asked for. */
export interface HeldDesk {
  readonly ids: HeldIds
  provider(name: string): Provider | undefined
  /** The fingerprint of the credential that a provider is asked with; undefined where there is no such provider. */
  account(provider: string): Promise<string> | undefined
  readonly ask: AskPorts
}

export interface AskPorts extends SendPorts {
  readonly attempts: Attempts
  readonly instance: string
  readonly timeouts: Timeouts
}

/** What the upstream said, under the caller's ids. */
export type HeldAnswer =
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  /** Asked for as a stream; without one where there was nothing left to say. */
  | { readonly kind: 'stream'; readonly stream?: WireStream }

/** The fields of a query that may travel on (openai-node 7.57.0: retrieving a response, and listing what it was made from). */
const queryFields: ReadonlySet<string> = new Set([
  ...['include', 'include[]', 'include_obfuscation', 'starting_after', 'stream'],
  ...['after', 'before', 'limit', 'order'],
])

const queryOf = (query: string): URLSearchParams =>
  new URLSearchParams([...new URLSearchParams(query)].filter(([name]) => queryFields.has(name)))

/** Below where responses are made; a version in the query of that path stays where it is. */
function urlOf(
  { held, below }: HeldAsk,
  provider: Provider,
  binding: Binding,
  query: URLSearchParams,
): string {
  const [path = '', fixed = ''] = pathFor(binding, 'generate', held.model, false).split('?')
  const fields = [fixed, query.toString()].filter(part => part !== '').join('&')
  const url = `${provider.baseUrl}${path}/${encodeURIComponent(held.response)}${below}`
  return fields === '' ? url : `${url}?${fields}`
}

const dialectId: DialectId = 'openai-responses'

/** Asks the upstream about a response that it keeps, with the operator's credential. Never rejects. */
export async function askHeld(ask: HeldAsk, provider: Provider, ports: AskPorts): Promise<HeldAnswer> {
  const binding = findBinding(provider, 'generate', dialectId, ask.held.model)
  const dialect = findDialect(dialectId)
  if (binding === undefined || dialect === undefined) return { kind: 'fault', fault: notThere(provider) }
  const plan = { mode: 'relay', dialect, binding, adaptations: [], hideUsage: false } as const
  const signal = new AttemptSignal(ask.owner, ports.ambient, ports.attempts)
  const { timeouts } = ports
  signal.deadline(timeouts.total, () => late(provider, timeouts.total))
  const done = (answer: HeldAnswer): HeldAnswer => {
    signal[Symbol.dispose]()
    return answer
  }
  const query = queryOf(ask.query)
  const isStream = query.get('stream') === 'true'
  const request: UpstreamRequest = {
    url: urlOf(ask, provider, binding, query),
    method: ask.method,
    headers: headersOf(ask, provider, binding, { instance: ports.instance, isStream }),
  }
  const target = { provider: provider.name, timeouts }
  const sent = await send({ target }, request, ports, signal)
  if (sent.ok === 'cancelled') return done({ kind: 'fault', fault: left })
  if (!sent.ok) return done({ kind: 'fault', fault: sent.fault })
  try {
    const { value: response } = sent
    if (response.status < 200 || response.status >= 300) {
      const fault = await readError(plan, response)
      return done({ kind: 'fault', fault: inCallersIds(fault, ask) })
    }
    if (!isStream) return done(await readAnswer(response, ask))
    const sniffed = await sniff(response)
    if (sniffed.isStream) return { kind: 'stream', stream: follow(sniffed.response) }
    const bytes = await sniffed.response.bytes(wholeLimit)
    return done(bytes.length === 0 ? { kind: 'stream' } : { kind: 'fault', fault: notStream(provider) })
  } catch (error) {
    const fault = transportFault(error, provider.name, signal)
    return done({ kind: 'fault', fault: fault === 'cancelled' ? left : fault })
  }

  function follow({ body }: UpstreamResponse): WireStream {
    const watch = new IdleWatch(ports.ambient, timeouts.idle, () =>
      signal.abort({ kind: 'fault', fault: late(provider, timeouts.idle) }),
    )
    const line = {
      reader: body,
      waiting: (isWaiting: boolean) => watch.waiting(isWaiting),
      heard: () => {},
      broken: (error: unknown) => transportFault(error, provider.name, signal),
      abort: () => signal.abort({ kind: 'discarded' }),
      after: (milliseconds: number, callback: () => void) => ports.ambient.after(milliseconds, callback),
    }
    const stream = readStream(plan, line) as WireStream // relayed streams are in this form
    void stream.done.then(() => {
      watch.stop()
      signal[Symbol.dispose]()
    })
    return wrapStream(stream, plan.dialect, ask.seal)
  }
}

async function readAnswer(response: UpstreamResponse, ask: HeldAsk): Promise<HeldAnswer> {
  const read = readWhole(await response.bytes(wholeLimit))
  if (read.kind === 'json') return { kind: 'whole', bytes: await wrapBytes(read.bytes, read.wire, ask.seal) }
  if (read.kind === 'fault') return read
  const message = 'The upstream answered with a stream where an object was asked for.'
  return { kind: 'fault', fault: createFault('upstream_invalid', message) }
}

/** Built from nothing, like those of a call. */
function headersOf(
  { headers: said, method }: HeldAsk,
  provider: Provider,
  binding: Binding,
  { instance, isStream }: { readonly instance: string; readonly isStream: boolean },
): { readonly [name: string]: string } {
  const hops = said.get('dragoman-hops')
  const headers: { [name: string]: string } = {
    accept: isStream ? 'text/event-stream' : 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'dragoman',
    'dragoman-hops': hops === null ? instance : `${hops},${instance}`,
    ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
    ...binding.headers,
    ...provider.headers,
  }
  for (const name of binding.betaHeaders ?? []) {
    const value = said.get(name)
    if (value !== null) headers[name] = value
  }
  return authorise(headers, provider)
}

/** An error that names the response names it as the caller does. */
const inCallersIds = (fault: Fault, { held, id }: HeldAsk): Fault => {
  const { upstream: _, ...rest } = fault
  return { ...rest, message: fault.message.replaceAll(held.response, () => id) }
}

const left = createFault('internal', 'The caller left before the answer.')

const notThere = (provider: Provider): Fault =>
  createFault('unsupported_operation', `${provider.kind.title} keeps no Responses of this model.`)

const notStream = (provider: Provider): Fault =>
  createFault('upstream_invalid', `The provider "${provider.name}" was asked for a stream and sent none.`)

const late = (provider: Provider, milliseconds: number): Fault =>
  createFault(
    'upstream_timeout',
    `The provider "${provider.name}" did not answer about a stored response within ${milliseconds / 1000} s.`,
  )
