import type { ConfigInput } from '../../src/config/schema.ts'
import { createGateway, type Gateway, type GatewayPorts } from '../../src/gateway.ts'

/** A gateway behind a real socket. */
export function serve(
  config: ConfigInput,
  ports: GatewayPorts = {},
): { gateway: Gateway; url: string; close(): Promise<void> } {
  const gateway = createGateway({ sandbox: false, ...config }, { trustModeHeader: true, ...ports })
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    fetch: request => gateway.fetch(request),
  })
  return {
    gateway,
    url: `http://127.0.0.1:${server.port}`,
    async close() {
      await gateway.close()
      await server.stop(true)
    },
  }
}
