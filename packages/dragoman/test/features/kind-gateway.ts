import { createAmbient } from '../../src/core/ambient.ts'
import { createRecords } from '../../src/core/records.ts'
import { Attempts } from '../../src/core/signals.ts'
import { Custody } from '../../src/custody/custody.ts'
import { findDialect } from '../../src/dialects/registry.ts'
import { receive } from '../../src/edge/receive.ts'
import { renderFault, renderWhenDue } from '../../src/edge/render.ts'
import { describeRecord } from '../../src/edge/requests.ts'
import { findCallRoute, splitUrl } from '../../src/edge/routes.ts'
import type { DialectId } from '../../src/ir/extra.ts'
import { createPolicies } from '../../src/policy-order.ts'
import type { Provider, ProviderKind } from '../../src/providers/provider.ts'
import { createFetchTransport } from '../../src/upstream/fetch-transport.ts'
import { front, type Kind, type Scene } from '../support/scene.ts'

/** A kind that no catalogue has: it speaks one dialect only, with these quirks. */
export const kindOf = (dialect: DialectId, path: string, ...quirks: readonly string[]): ProviderKind => ({
  kind: 'made-up',
  title: 'A made-up server',
  auth: { type: 'none' },
  bindings: [{ dialect, paths: { generate: path } }],
  profile: { rules: [], facts: [] },
  quirks: { [dialect]: quirks },
})

const timeouts = { connect: 5000, firstToken: 5000, idle: 5000, total: 10_000 }

/** All the policies on a real socket, in front of one provider of any kind. */
export function serveKind(
  kind: ProviderKind,
  upstreamUrl: string,
): { readonly url: string; close(): Promise<void> } {
  const ambient = createAmbient()
  const records = createRecords(10)
  const provider: Provider = {
    name: 'a',
    kind,
    baseUrl: `${upstreamUrl}/v1`,
    credential: undefined,
    headers: {},
    bindings: kind.bindings,
  }
  const policies = { default: 'emulate', fields: {} } as const
  const handler = createPolicies({
    ambient,
    log: () => {},
    records,
    keys: undefined,
    router: {
      resolve: model => ({
        ok: true,
        value: { name: model, policies, targets: [{ provider: 'a', model: 'm', timeouts }] },
      }),
    },
    retry: { attempts: 0, maxWait: 0 },
    emulate: {
      lacksCandidates: () => false,
      splitter: () => undefined,
      mostInputs: () => undefined,
      policy: () => 'reject',
    },
    upstream: {
      provider: () => provider,
      embedded: () => undefined,
      instance: 'here',
      structuredStream: 'buffer',
      ambient,
      log: () => {},
      transport: createFetchTransport(undefined),
      dial: undefined,
      attempts: new Attempts(),
      custody: new Custody({ ambient, log: () => {} }),
    },
  })
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { path, query } = splitUrl(request.url)
      const record = records.find(path.slice('/dragoman/requests/'.length))
      if (record !== undefined) return Response.json(describeRecord(record))
      const route = findCallRoute(path, '')
      const dialect = route === undefined ? undefined : findDialect(route.dialect)
      if (route === undefined || dialect === undefined) return new Response(null, { status: 404 })
      const id = ambient.randomId(24)
      const received = await receive(request, route, query, id, {
        maxBody: 1e6,
        ambient,
        instance: 'here',
        trustModeHeader: false,
        identify: () => ({ ok: true, value: { id: 'p', name: 'p', tenant: 'local' } }) as const,
      })
      if (!received.ok) return renderFault(dialect, received.fault, id)
      const options = { ambient, keepAlive: 60_000, statusAfter: 60_000 }
      return renderWhenDue(received.value, dialect, handler(received.value), options)
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, close: () => server.stop(true) }
}

/**
 * A gateway in front of a provider of one wire, for callers of any. The catalogue's kind with both wires of OpenAI
 * answers a chat caller on the chat wire, so that one with Responses alone stands in for it.
 */
export function frontOf(scene: Scene, kind: Kind, upstreamUrl: string): string {
  if (kind !== 'responses') return front(scene, kind, upstreamUrl).url
  return scene.keep(serveKind(kindOf('openai-responses', '/responses'), upstreamUrl)).url
}
