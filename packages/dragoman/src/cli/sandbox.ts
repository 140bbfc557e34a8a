import { drainOnSignal } from '../server/drain.ts'
import { listen } from '../server/listen.ts'
import { CommandError, exitCodes } from './exit.ts'
import { curlLine } from './greeting.ts'
import { createLog } from './log.ts'
import { print, styleFor } from './terminal.ts'

export interface SandboxOptions {
  readonly host?: string
  readonly port?: number
}

const largestBody = 32 * 1024 * 1024

/** Serves the embedded engine alone, until a signal ends it: an exact OpenAI server to test clients against. */
export async function serveSandbox(options: SandboxOptions): Promise<void> {
  const { createSandbox } = await import('@dragoman/sandbox')
  const engine = createSandbox()
  const log = createLog('warn')
  const listening = listen(
    { fetch: request => Promise.resolve(engine.fetch(request)) },
    {
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 4344,
      maxBody: largestBody,
      onCrash: error =>
        log('error', 'a request ended in an exception; this is a bug', { error: String(error) }),
    },
  )
  if (!listening.ok) throw new CommandError(listening.message, exitCodes.listen)
  const { server } = listening
  const stopped = drainOnSignal({
    server,
    // The engine has no calls worth waiting for: it is a test double.
    gateway: { live: 0, close: async () => {} },
    drain: 0,
    notice: { milliseconds: 0, endsWithLastCall: true },
    log,
  })
  const style = styleFor(process.stdout)
  print()
  print(
    `${style.bold('Sandbox')} listens on ${style.bold(server.url)}. It is not an AI: it answers by rules, the same every time.`,
  )
  print()
  print(`  ${curlLine(server.url, 'any', 'sandbox')}`)
  print()
  await stopped
}
