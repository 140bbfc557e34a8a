import type { Config } from './config/config.ts'
import { parseConfig } from './config/parse.ts'
import { ConfigError, type ConfigProblem } from './config/problem.ts'
import type { ConfigInput } from './config/schema.ts'
import { createAmbient } from './core/ambient.ts'
import { bugFault } from './core/bug.ts'
import type { Ambient, Dial, KeyVerifier, Log, Transport } from './core/ports.ts'
import { createRecords } from './core/records.ts'
import { Attempts } from './core/signals.ts'
import { findDialect } from './dialects/registry.ts'
import { readCredential } from './edge/credentials.ts'
import { type ModelEntry, renderModel, renderModels } from './edge/models.ts'
import { findLoop, receive } from './edge/receive.ts'
import { notFound, renderFault, renderWhenDue } from './edge/render.ts'
import { describeRecord } from './edge/requests.ts'
import { type CallRoute, callRoutes, dialectOf, didYouMean, splitUrl } from './edge/routes.ts'
import { createEmbedded } from './embedded.ts'
import { type Explanation, explainCall } from './explain.ts'
import { createFault } from './ir/fault.ts'
import type { JsonObject } from './ir/json.ts'
import { identify } from './layers/authenticate.ts'
import { kinds } from './providers/catalog.ts'
import { createSnapshot, type Runtime, type Snapshot } from './snapshot.ts'
import { createFetchTransport } from './upstream/fetch-transport.ts'

/** What the gateway takes from its host; everything has a default that works wherever `fetch` does. */
export interface GatewayPorts {
  readonly transport?: Transport
  readonly dial?: Dial
  /** Absent means that no key is needed: in process, whoever can call the library is its owner. */
  readonly keys?: KeyVerifier
  readonly ambient?: Ambient
  readonly log?: Log
  /** Believe the `dragoman-mode` header, which forces relay, patch or translate. For tests. */
  readonly trustModeHeader?: boolean
}

export type ReloadResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

export interface Gateway {
  /** The web-standard handler, with the shape of `fetch`, so that it also serves as the official SDKs' `fetch` option. */
  readonly fetch: (input: Request | URL | string, init?: RequestInit) => Promise<Response>
  /** Takes a new configuration for calls from now on; a bad one changes nothing. */
  reload(config: ConfigInput): ReloadResult
  /** What would happen to this request, without sending anything upstream. */
  explain(request: Request): Promise<Explanation>
  models(): Promise<readonly ModelEntry[]>
  /** Refuses new calls, waits for those under way, then ends the rest with an error in their own dialect. */
  close(options?: { readonly graceMs?: number }): Promise<void>
  /** Calls under way. */
  readonly live: number
  [Symbol.asyncDispose](): Promise<void>
}

/** Makes a gateway from a configuration. Throws a `ConfigError` that lists every problem of a bad one. */
export function createGateway(config: ConfigInput = {}, ports: GatewayPorts = {}): Gateway {
  return new GatewayImplementation(readConfig(config), ports)
}

function readConfig(input: ConfigInput): Config {
  const parsed = parseConfig(input, kinds)
  if (!parsed.ok) throw new ConfigError(parsed.problems)
  return parsed.config
}

const json = (status: number, body: JsonObject, id: string) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'x-request-id': id },
  })

/** Where a page of ours has no dialect of its own, it speaks the one its caller's headers give away. */
class GatewayImplementation implements Gateway {
  readonly #runtime: Runtime
  readonly #ports: GatewayPorts
  #live = 0
  #snapshot: Snapshot
  #isClosing = false
  #onIdle: (() => void) | undefined

  constructor(config: Config, ports: GatewayPorts) {
    const ambient = ports.ambient ?? createAmbient()
    this.#ports = ports
    this.#runtime = {
      ambient,
      log: ports.log ?? (() => {}),
      transport: ports.transport ?? createFetchTransport(undefined),
      dial: ports.dial,
      keys: ports.keys,
      records: createRecords(config.requests.keep),
      embedded: createEmbedded(),
      attempts: new Attempts(),
      instance: ambient.randomId(12),
    }
    this.#snapshot = createSnapshot(config, this.#runtime)
  }

  get live(): number {
    return this.#live
  }

  readonly fetch = async (input: Request | URL | string, init?: RequestInit): Promise<Response> => {
    const request = input instanceof Request && init === undefined ? input : new Request(input, init)
    const { path, query } = splitUrl(request.url)
    const id = this.#runtime.ambient.randomId(24)
    const route = callRoutes.get(path)
    try {
      return route === undefined
        ? await this.#page(request, path, query, id)
        : await this.#call(request, path, query, route, id)
    } catch (error) {
      const dialect = findDialect(dialectOf(path, request.headers))
      return renderFault(dialect, bugFault(error, id, this.#runtime.log), id)
    }
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

  #leave(): void {
    this.#live--
    if (this.#live === 0) this.#onIdle?.()
  }

  async #page(request: Request, path: string, query: string, id: string): Promise<Response> {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const dialect = findDialect(dialectOf(path, request.headers))
    const fail = (fault: Parameters<typeof renderFault>[1]) => renderFault(dialect, fault, id)
    if (path === '/' && isRead)
      return new Response(request.method === 'HEAD' ? null : welcome, { headers: plain })
    if (path === '/healthz' && isRead) return json(200, { status: 'ok' }, id)
    if (path === '/readyz' && isRead) {
      return this.#isClosing ? json(503, { status: 'closing' }, id) : json(200, { status: 'ready' }, id)
    }
    const isModels = path === '/v1/models' || path.startsWith('/v1/models/')
    const isRecord = path.startsWith('/dragoman/requests/')
    if (!isModels && !isRecord) return fail(notFound(path, didYouMean(path)))
    if (!isRead) return fail(wrongMethod(request.method, path, 'GET'))
    const loop = findLoop(request.headers, this.#runtime.instance)
    if (loop !== undefined) return fail(loop)
    const credential = readCredential(request.headers, query)
    if (!credential.ok) return fail(credential.fault)
    const identified = await identify(credential.value, this.#runtime.keys)
    if (!identified.ok) return fail(identified.fault)
    const name = decodePath(path.slice(path.lastIndexOf('/', isModels ? 11 : undefined) + 1))
    if (isRecord) {
      const record = this.#runtime.records.find(name)
      if (record !== undefined && record.tenant === identified.value.tenant)
        return json(200, describeRecord(record), id)
      return fail(
        createFault(
          'not_found',
          'No call with this id is remembered: it is unknown, another tenant’s, or too old.',
        ),
      )
    }
    return this.#models(path, dialectOf(path, request.headers), id, fail)
  }

  async #models(
    path: string,
    dialect: ReturnType<typeof dialectOf>,
    id: string,
    fail: (fault: Parameters<typeof renderFault>[1]) => Response,
  ): Promise<Response> {
    const entries = await this.models()
    if (path === '/v1/models') return json(200, renderModels(entries, dialect), id)
    const name = decodePath(path.slice('/v1/models/'.length))
    const listed = entries.find(entry => entry.id === name)
    if (listed !== undefined) return json(200, renderModel(listed, dialect), id)
    const resolved = await this.#snapshot.router.resolve(name)
    if (!resolved.ok) return fail(resolved.fault)
    return json(
      200,
      renderModel({ id: name, owner: resolved.value.targets[0]?.provider ?? 'dragoman' }, dialect),
      id,
    )
  }

  reload(config: ConfigInput): ReloadResult {
    const parsed = parseConfig(config, kinds)
    if (!parsed.ok) return { ok: false, problems: parsed.problems }
    this.#snapshot = createSnapshot(parsed.config, this.#runtime)
    return { ok: true }
  }

  async explain(request: Request): Promise<Explanation> {
    const { config, router, upstream } = this.#snapshot
    return explainCall(request, { config, router, upstream, runtime: this.#runtime })
  }

  models(): Promise<readonly ModelEntry[]> {
    return this.#snapshot.models()
  }

  async close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#isClosing = true
    if (this.#live > 0 && graceMs > 0) await this.#idleWithin(graceMs)
    this.#runtime.attempts.close({ ...closing, retryable: false })
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

const plain = { 'content-type': 'text/plain; charset=utf-8' }
const welcome = 'Dragoman. OpenAI at /v1, Anthropic at /v1/messages; GET /v1/models lists the models.\n'

const closing = createFault(
  'shutting_down',
  'This gateway is shutting down; send the request again to another one.',
)

const wrongMethod = (method: string, path: string, allowed: string) =>
  createFault('method_not_allowed', `${path} takes ${allowed}, not ${method}.`, {
    headers: { allow: allowed },
  })

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
