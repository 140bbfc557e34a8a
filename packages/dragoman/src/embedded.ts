import type { Transport } from './core/ports.ts'
import type { Provider } from './providers/provider.ts'
import { createFetchTransport } from './upstream/fetch-transport.ts'

/**
 * Transports of the engines served in process. The sandbox is reached through its `fetch` like any other server, and
 * loaded with the first request that needs it.
 */
export function createEmbedded(): (provider: Provider) => Transport | undefined {
  let engine: Promise<{ fetch(request: Request): Promise<Response> }> | undefined
  const transport = createFetchTransport(async request => {
    engine ??= import('@dragoman/sandbox').then(({ createSandbox }) => createSandbox())
    return (await engine).fetch(request)
  })
  return provider => (provider.kind.embedded === true ? transport : undefined)
}
