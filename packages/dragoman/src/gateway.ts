import type { Config } from './config/config.ts'
import { parseConfig } from './config/parse.ts'
import { ConfigError, type ConfigProblem } from './config/problem.ts'
import type { ConfigInput } from './config/schema.ts'
import { createAmbient } from './core/ambient.ts'
import { bugFault } from './core/bug.ts'
import type { Principal } from './core/call.ts'
import type { Ambient, Dial, KeyVerifier, Log, MediaFetch, Transport, Validator } from './core/ports.ts'
import { createRecords } from './core/records.ts'
import { Attempts } from './core/signals.ts'
import type { StateStore } from './core/state-store.ts'
import { Custody, type CustodyPorts } from './custody/custody.ts'
import { findDialect } from './dialects/registry.ts'
import { readCredential } from './edge/credentials.ts'
import type { ModelEntry } from './edge/models.ts'
import { Pages } from './edge/pages.ts'
import { findLoop, receive } from './edge/receive.ts'
import { notFound, renderFault, renderWhenDue } from './edge/render.ts'
import { type CallRoute, dialectOf, didYouMean, findCallRoute, splitUrl } from './edge/routes.ts'
import { createEmbedded } from './embedded.ts'
import { type Explanation, explainCall } from './explain.ts'
import { createFault, type Fault, type Parsed } from './ir/fault.ts'
import { identify } from './layers/authenticate.ts'
import { createPages } from './pages.ts'
import { kinds } from './providers/catalog.ts'
import { createSnapshot, type Runtime, type Snapshot } from './snapshot.ts'
import { createState, type State } from './state.ts'
import { MemoryStateStore } from './stores/memory-state.ts'
import { createFetchTransport } from './upstream/fetch-transport.ts'
import { createAjvValidator } from './validation/ajv-validator.ts'

/** What the gateway takes from its host; everything has a default that works wherever `fetch` does. */
export interface GatewayPorts {
  readonly transport?: Transport
  readonly dial?: Dial
  /**
   * Fetches what callers give by its address, for targets that take only bytes. Absent: such calls are refused. Plain
   * `fetch` is no such port: a stranger would choose what this process asks inside its own network.
   */
  readonly media?: MediaFetch
  /** Absent means that no key is needed: in process, whoever can call the library is its owner. */
  readonly keys?: KeyVerifier
  readonly ambient?: Ambient
  readonly log?: Log
  /**
   * What opaque state of providers is sealed with, and where it is kept for callers who cannot carry it. Absent means
   * for as long as this gateway lives.
   */
  readonly custody?: Pick<CustodyPorts, 'secrets' | 'handles'>
  /** Keeps responses and conversations. Absent: memory, which forgets them with the process. */
  readonly store?: StateStore
  /** Checks structured answers. Absent: ajv, where the runtime lets it make code. */
  readonly validator?: Validator
  /** Believe the `dragoman-mode` header, which forces relay, patch or translate. For tests. */
  readonly trustModeHeader?: boolean
}

export type ReloadResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

export interface Gateway {
  /** The web-standard handler, with the shape of `fetch`, so that it also serves as the official SDKs' `fetch` option. */
  readonly fetch: (input: Request | URL | string, init?: RequestInit) => Promise<Response>
  /** What to answer a caller who may not open a connection that outlives its request; undefined for one who may. */
  readonly admit: (request: Request) => Promise<Response | undefined>
  /** Takes a new configuration for calls from now on; a bad one changes nothing. */
  reload(config: ConfigInput): ReloadResult
  /** What would happen to this request, without sending anything upstream. */
  explain(request: Request): Promise<Explanation>
  models(): Promise<readonly ModelEntry[]>
  /** Refuses new calls, waits for those under way, then ends the rest with an error in their own dialect. */
  close(options?: { readonly graceMs?: number }): Promise<void>
  /** Forgets stored responses whose time is over, and ends those whose process is gone. For hosts that live long. */
  tidy(): Promise<void>
  /** Calls under way, and what goes on without a caller. */
  readonly live: number
  [Symbol.asyncDispose](): Promise<void>
}

/** Makes a gateway from a configuration. Throws a `ConfigError` that lists every problem of a bad one. */
export function createGateway(config: ConfigInput = {}, ports: GatewayPorts = {}): Gateway {
  const parsed = readConfig(config, ports)
  if (!parsed.ok) throw new ConfigError(parsed.problems)
  return new GatewayImplementation(parsed.config, ports)
}

function readConfig(input: ConfigInput, ports: GatewayPorts): ReturnType<typeof parseConfig> {
  const parsed = parseConfig(input, kinds)
  if (parsed.ok && parsed.config.media.fetch === true && ports.media === undefined) return noMedia
  const url = parsed.ok ? parsed.config.store.url : undefined
  // A file is opened by the host: here nothing may need a runtime (law 13), and nothing is accepted that is not done.
  return url === undefined || url === 'memory:' || ports.store !== undefined ? parsed : noStore
}

const noStore = {
  ok: false,
  problems: [
    {
      path: 'store.url',
      message: 'a library call opens no files.',
      hint: 'Pass the store as `ports.store`, or write "memory:".',
    },
  ],
} as const

const noMedia = {
  ok: false,
  problems: [
    {
      path: 'media.fetch',
      message: 'a library call fetches nothing by itself.',
      hint: 'Pass what does it safely as `ports.media`, or leave this out.',
    },
  ],
} as const

const jsonResponse = (status: number, body: object, id: string) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'x-request-id': id },
  })

class GatewayImplementation implements Gateway {
  readonly #runtime: Runtime
  readonly #ports: GatewayPorts
  readonly #pages: Pages
  readonly #state: State
  #live = 0
  #snapshot: Snapshot
  #isClosing = false
  #onIdle: (() => void) | undefined

  constructor(config: Config, ports: GatewayPorts) {
    const ambient = ports.ambient ?? createAmbient()
    const log = ports.log ?? (() => {})
    this.#ports = ports
    const store = ports.store ?? new MemoryStateStore()
    this.#state = createState({ store, ambient, log, hold: () => this.#hold() })
    this.#runtime = {
      ambient,
      log,
      transport: ports.transport ?? createFetchTransport(undefined),
      dial: ports.dial,
      media: ports.media,
      validator: ports.validator ?? createAjvValidator(),
      keys: ports.keys,
      records: createRecords(config.requests.keep),
      embedded: createEmbedded(),
      attempts: new Attempts(),
      custody: new Custody({ ...ports.custody, ambient, log }),
      shelf: this.#state.shelf,
      instance: ambient.randomId(12),
    }
    this.#snapshot = createSnapshot(config, this.#runtime)
    const pages = createPages({
      records: this.#runtime.records,
      isClosing: () => this.#isClosing,
      models: () => this.models(),
      router: () => this.#snapshot.router,
      provider: name => this.#snapshot.upstream.provider(name),
      fetches: () => this.#snapshot.upstream.media !== undefined,
    })
    const stored = this.#state.pages(
      () => this.#snapshot.config.server,
      () => this.#snapshot.desk,
    )
    this.#pages = new Pages([...pages, ...stored])
  }

  get live(): number {
    return this.#live
  }

  readonly fetch = async (input: Request | URL | string, init?: RequestInit): Promise<Response> => {
    const request = input instanceof Request && init === undefined ? input : new Request(input, init)
    const { path, query } = splitUrl(request.url)
    const id = this.#runtime.ambient.randomId(24)
    const route = findCallRoute(path, query)
    try {
      return route === undefined
        ? await this.#page(request, path, query, id)
        : await this.#call(request, path, query, route, id)
    } catch (error) {
      const dialect = findDialect(dialectOf(path, request.headers))
      return renderFault(dialect, bugFault(error, id, this.#runtime.log), id)
    }
  }

  readonly admit = async (request: Request): Promise<Response | undefined> => {
    const { path, query } = splitUrl(request.url)
    const dialect = findDialect(dialectOf(path, request.headers))
    const id = this.#runtime.ambient.randomId(24)
    if (this.#isClosing) return renderFault(dialect, closing, id)
    const visitor = await this.#visitor(request, query)
    return visitor.ok ? undefined : renderFault(dialect, visitor.fault, id)
  }

  async #call(
    request: Request,
    path: string,
    query: string,
    route: CallRoute,
    id: string,
  ): Promise<Response> {
    const { ambient, instance, log } = this.#runtime
    const dialect = findDialect(route.dialect)
    if (dialect === undefined) return renderFault(undefined, notFound(path, undefined), id)
    if (request.method !== 'POST') return renderFault(dialect, wrongMethod(request.method, path, 'POST'), id)
    if (this.#isClosing) return renderFault(dialect, closing, id)
    // The snapshot of now is the call's own: a reload does not reach calls under way (ruling 13).
    const { config, handler } = this.#snapshot
    const { maxBody, keepAlive, statusAfter } = config.server
    const trustModeHeader = this.#ports.trustModeHeader ?? false
    const received = await receive(request, route, query, id, {
      maxBody,
      ambient,
      instance,
      trustModeHeader,
      identify: credential => identify(credential, this.#runtime.keys),
    })
    if (!received.ok) return renderFault(dialect, received.fault, id)
    const call = received.value
    this.#live++
    const handled = handler(call)
    const leave = () => this.#leave()
    void handled.then(answer => (answer.kind === 'stream' ? answer.stream.done.then(leave) : leave()))
    try {
      return await renderWhenDue(call, dialect, handled, { ambient, log, keepAlive, statusAfter })
    } catch (error) {
      // Nobody will read it any more.
      void handled.then(answer => answer.kind === 'stream' && answer.stream.dispose('discarded'))
      throw error
    }
  }

  #hold(): () => void {
    this.#live++
    return () => this.#leave()
  }

  #leave(): void {
    this.#live--
    if (this.#live === 0) this.#onIdle?.()
  }

  /** A page, or what to say where there is none. Who visits comes before what is there. */
  async #page(request: Request, path: string, query: string, id: string): Promise<Response> {
    const speaks = dialectOf(path, request.headers)
    const dialect = findDialect(speaks)
    const fail = (fault: Fault) => renderFault(dialect, fault, id)
    const found = this.#pages.find(path)
    if (found === undefined) return fail(notFound(path, didYouMean(path, this.#pages.fixedPaths)))
    const { page, params } = found
    const handle = Object.hasOwn(page.methods, request.method) ? page.methods[request.method] : undefined
    if (handle === undefined)
      return fail(wrongMethod(request.method, path, Object.keys(page.methods).join(', ')))
    const principal = page.isOpen
      ? ({ ok: true, value: nobody } as const)
      : await this.#visitor(request, query)
    if (!principal.ok) return fail(principal.fault)
    const json = (body: object, status = 200) => jsonResponse(status, body, id)
    const visit = {
      request,
      id,
      path,
      query,
      params,
      dialect: speaks,
      principal: principal.value,
      json,
      fail,
    }
    return handle(visit)
  }

  async #visitor(request: Request, query: string): Promise<Parsed<Principal>> {
    const loop = findLoop(request.headers, this.#runtime.instance)
    if (loop !== undefined) return { ok: false, fault: loop }
    const credential = readCredential(request.headers, query)
    return credential.ok ? identify(credential.value, this.#runtime.keys) : credential
  }

  reload(config: ConfigInput): ReloadResult {
    const parsed = readConfig(config, this.#ports)
    if (!parsed.ok) return { ok: false, problems: parsed.problems }
    this.#snapshot = createSnapshot(parsed.config, this.#runtime)
    return { ok: true }
  }

  async explain(request: Request): Promise<Explanation> {
    const { config, router, upstream, keeper } = this.#snapshot
    return explainCall(request, { config, router, upstream, keeper, runtime: this.#runtime })
  }

  models(): Promise<readonly ModelEntry[]> {
    return this.#snapshot.models()
  }

  async close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#isClosing = true
    if (this.#live > 0 && graceMs > 0) await this.#idleWithin(graceMs)
    this.#runtime.attempts.close({ ...closing, retryable: false })
    await this.#state.jobs.close()
  }

  async tidy(): Promise<void> {
    const { shelf } = this.#state
    await shelf
      .recover()
      .then(() => shelf.sweep())
      .catch(shelf.onFailure)
  }

  #idleWithin(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const cancel = this.#runtime.ambient.after(milliseconds, resolve)
      this.#onIdle = () => {
        cancel()
        resolve()
      }
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Who visits a page that needs no key. */
const nobody: Principal = { id: 'nobody', name: 'nobody', tenant: 'nobody' }

const closing = createFault(
  'shutting_down',
  'This gateway is shutting down; send the request again to another one.',
)

const wrongMethod = (method: string, path: string, allowed: string) =>
  createFault('method_not_allowed', `${path} takes ${allowed}, not ${method}.`, {
    headers: { allow: allowed },
  })
