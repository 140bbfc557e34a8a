import type { Timeouts } from '../../core/call.ts'
import type { Dialect } from '../../core/dialect.ts'
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
  if (binding === undefined || dialect === undefined) return failed(notThere(provider))
  const signal = new AttemptSignal(ask.owner, ports.ambient, ports.attempts)
  const { total } = ports.timeouts
  signal.deadline(total, () => late(provider, total))
  const answer = await new Asking(ask, provider, ports, binding, dialect, signal).run()
  if (answer.kind === 'stream' && answer.stream !== undefined) {
    void answer.stream.done.then(() => signal[Symbol.dispose]())
  } else signal[Symbol.dispose]()
  return answer
}

/** One request under way. */
class Asking {
  readonly #ask: HeldAsk
  readonly #provider: Provider
  readonly #ports: AskPorts
  readonly #signal: AttemptSignal
  readonly #plan: Parameters<typeof readStream>[0]
  readonly #query: URLSearchParams
  readonly #isStream: boolean

  constructor(
    ask: HeldAsk,
    provider: Provider,
    ports: AskPorts,
    binding: Binding,
    dialect: Dialect,
    signal: AttemptSignal,
  ) {
    this.#ask = ask
    this.#provider = provider
    this.#ports = ports
    this.#signal = signal
    this.#plan = { mode: 'relay', dialect, binding, adaptations: [], hideUsage: false }
    this.#query = queryOf(ask.query)
    this.#isStream = this.#query.get('stream') === 'true'
  }

  async run(): Promise<HeldAnswer> {
    const target = { provider: this.#provider.name, timeouts: this.#ports.timeouts }
    const sent = await send({ target }, this.#request(), this.#ports, this.#signal)
    if (sent.ok === 'cancelled') return failed(left)
    if (!sent.ok) return failed(sent.fault)
    try {
      return await this.#read(sent.value)
    } catch (error) {
      const fault = transportFault(error, this.#provider.name, this.#signal)
      return failed(fault === 'cancelled' ? left : fault)
    }
  }

  #request(): UpstreamRequest {
    const { binding } = this.#plan
    return {
      url: urlOf(this.#ask, this.#provider, binding, this.#query),
      method: this.#ask.method,
      headers: headersOf(this.#ask, this.#provider, binding, {
        instance: this.#ports.instance,
        isStream: this.#isStream,
      }),
    }
  }

  /** Rejects where the connection breaks. */
  async #read(response: UpstreamResponse): Promise<HeldAnswer> {
    if (response.status < 200 || response.status >= 300)
      return failed(inCallersIds(await readError(this.#plan, response), this.#ask))
    if (!this.#isStream) return readAnswer(response, this.#ask)
    const sniffed = await sniff(response)
    if (sniffed.isStream) return { kind: 'stream', stream: this.#follow(sniffed.response) }
    const bytes = await sniffed.response.bytes(wholeLimit)
    return bytes.length === 0 ? { kind: 'stream' } : failed(notStream(this.#provider))
  }

  #follow({ body }: UpstreamResponse): WireStream {
    const { ambient, timeouts } = this.#ports
    const watch = new IdleWatch(ambient, timeouts.idle, () =>
      this.#signal.abort({ kind: 'fault', fault: late(this.#provider, timeouts.idle) }),
    )
    const line = {
      reader: body,
      waiting: (isWaiting: boolean) => watch.waiting(isWaiting),
      heard: () => {},
      broken: (error: unknown) => transportFault(error, this.#provider.name, this.#signal),
      abort: () => this.#signal.abort({ kind: 'discarded' }),
      after: (milliseconds: number, callback: () => void) => ambient.after(milliseconds, callback),
    }
    const stream = readStream(this.#plan, line) as WireStream // relayed streams are in this form
    void stream.done.then(() => watch.stop())
    return wrapStream(stream, this.#plan.dialect, this.#ask.seal)
  }
}

const failed = (fault: Fault): HeldAnswer => ({ kind: 'fault', fault })

async function readAnswer(response: UpstreamResponse, ask: HeldAsk): Promise<HeldAnswer> {
  const read = readWhole(await response.bytes(wholeLimit))
  if (read.kind === 'json') return { kind: 'whole', bytes: await wrapBytes(read.bytes, read.wire, ask.seal) }
  if (read.kind === 'fault') return read
  const message = 'The upstream answered with a stream where an object was asked for.'
  return failed(createFault('upstream_invalid', message))
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
