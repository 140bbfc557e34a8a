import type { WireDialect } from '@dragoman/fixtures'
import type { Ambient, MediaFetch, Transport } from '../../../src/core/ports.ts'
import { createRecords } from '../../../src/core/records.ts'
import { Attempts } from '../../../src/core/signals.ts'
import { Custody } from '../../../src/custody/custody.ts'
import { findDialect } from '../../../src/dialects/registry.ts'
import { receive } from '../../../src/edge/receive.ts'
import { renderFault, renderWhenDue } from '../../../src/edge/render.ts'
import { findCallRoute, splitUrl } from '../../../src/edge/routes.ts'
import { createPolicies } from '../../../src/policy-order.ts'
import { kinds } from '../../../src/providers/catalog.ts'
import { Credential, type Provider } from '../../../src/providers/provider.ts'
import { createResolver } from '../../../src/providers/resolve.ts'
import { createFetchTransport } from '../../../src/upstream/fetch-transport.ts'
import { Lacking } from '../../../src/upstream/lacking.ts'
import { serve } from '../../support/serve.ts'
import { createFixedAmbient } from './ambient.ts'

/** What a cell talks to: the gateway on a real socket. */
export interface Door {
  readonly url: string
  close(): Promise<void>
}

/** The kind that speaks each dialect, and where its paths start. */
const kindOf: { readonly [D in WireDialect]: { readonly kind: string; readonly root: string } } = {
  'openai-chat': { kind: 'openai-compatible', root: '/v1' },
  'openai-responses': { kind: 'openai', root: '/v1' },
  'anthropic-messages': { kind: 'anthropic', root: '' },
  gemini: { kind: 'google', root: '/v1beta' },
  'bedrock-converse': { kind: 'bedrock', root: '' },
  cohere: { kind: 'cohere', root: '' },
}

/** A gateway whose provider `target` speaks this dialect at this URL, for a caller of that dialect. */
export function openGateway(caller: WireDialect, provider: WireDialect, model: string, url: string): Door {
  const { kind, root } = kindOf[provider]
  // A provider that also has the caller's own wire answers on that one: such a cell has no configuration.
  const speaksBoth = kinds[kind]?.bindings.some(binding => binding.dialect === caller) ?? false
  if (caller !== provider && speaksBoth) return openNarrowed(provider, model, url)
  return serve(
    {
      providers: { target: { kind, base_url: url + root, api_key: 'provider-secret' } },
      models: { 'target/model': { targets: [{ provider: 'target', model }] } },
      retry: { attempts: 0 },
    },
    { ambient: createFixedAmbient(), media: pictures },
  )
}

const timeouts = { connect: 5000, firstToken: 5000, idle: 5000, total: 10_000 }

/** The same stack of policies over a provider whose bindings are narrowed to one dialect. */
function openNarrowed(dialect: WireDialect, model: string, url: string): Door {
  const kind = kinds[kindOf[dialect].kind]
  if (kind === undefined) throw new Error('the catalogue has no such kind')
  const provider: Provider = {
    name: 'target',
    kind,
    baseUrl: url + kindOf[dialect].root,
    credential: new Credential('provider-secret'),
    headers: {},
    bindings: kind.bindings.filter(binding => binding.dialect === dialect),
  }
  const ambient = createFixedAmbient()
  const transport = createFetchTransport(undefined)
  const handler = policies(provider, model, ambient, transport)
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: request => answer(request, handler, ambient),
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    close: () => server.stop(true),
  }
}

/** The internet of the matrix: one picture, a JPEG as far as its beginning tells. */
const lighthouse = Uint8Array.fromBase64('/9j/2wBDAAMCAgICAgMC')
const pictures: MediaFetch = url =>
  Promise.resolve(
    url === 'https://pictures.example/lighthouse.jpg'
      ? { ok: true, bytes: lighthouse, contentType: 'image/jpeg' }
      : { ok: false, problem: { kind: 'host' } },
  )
const pictureLimits = { maxSize: 1000, maxTotal: 1000, timeout: 1000, allowHttp: false, allowPrivate: false }

const instance = '000000000001'

function policies(provider: Provider, model: string, ambient: Ambient, transport: Transport) {
  const unsupported = { default: 'emulate' as const, fields: {} }
  return createPolicies({
    ambient,
    log: () => {},
    records: createRecords(10),
    keys: undefined,
    router: createResolver({
      routes: { 'target/model': { targets: [{ provider: 'target', model }], timeouts, unsupported } },
      providers: ['target'],
      timeouts,
      unsupported,
      listedBy: () => [],
      suggest: () => undefined,
    }),
    retry: { attempts: 0, maxWait: 0 },
    emulate: {
      lacksCandidates: call =>
        provider.bindings.every(binding =>
          new Lacking(provider, binding.dialect, call.target.model).lacks('candidates'),
        ),
      splitter: () => undefined,
      mostInputs: () => undefined,
      policy: () => 'emulate',
    },
    upstream: {
      provider: () => provider,
      embedded: () => undefined,
      instance,
      structuredStream: 'buffer',
      ambient,
      log: () => {},
      transport,
      dial: undefined,
      media: { fetch: pictures, limits: pictureLimits },
      attempts: new Attempts(),
      custody: new Custody({ ambient, log: () => {} }),
    },
  })
}

async function answer(
  request: Request,
  handler: ReturnType<typeof createPolicies>,
  ambient: Ambient,
): Promise<Response> {
  const { path, query } = splitUrl(request.url)
  const route = findCallRoute(path, query)
  const dialect = route === undefined ? undefined : findDialect(route.dialect)
  if (route === undefined || dialect === undefined) throw new Error(`no route ${path}`)
  // The gateway draws its own id first: calls have the same ids here as in the other cells.
  ambient.randomId(12)
  const id = ambient.randomId(24)
  const received = await receive(request, route, query, id, {
    maxBody: 1e6,
    ambient,
    instance,
    identify: () => ({ ok: true, value: { id: 'p', name: 'p', tenant: 't' } }) as const,
    trustModeHeader: true,
  })
  if (!received.ok) return renderFault(dialect, received.fault, id)
  return renderWhenDue(received.value, dialect, handler(received.value), {
    ambient,
    keepAlive: 60_000,
    statusAfter: 60_000,
  })
}
