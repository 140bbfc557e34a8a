import type { Target } from '../core/call.ts'
import type {
  Ambient,
  Dial,
  Transport,
  TransportError,
  UpstreamRequest,
  UpstreamResponse,
} from '../core/ports.ts'
import type { AttemptSignal } from '../core/signals.ts'
import { createFault, type Fault, type FaultCode, type Parsed } from '../ir/fault.ts'
import { asTransportError } from './fetch-transport.ts'

/** What sending needs of the runtime. */
export interface SendPorts {
  readonly transport: Transport
  readonly dial: Dial | undefined
  readonly ambient: Ambient
}

const reasons: { readonly [K in TransportError['kind']]: readonly [FaultCode, string] } = {
  refused: ['upstream_unreachable', 'refused the connection; is it running, and is its base URL right?'],
  dns: ['upstream_unreachable', 'has a host name that does not resolve; check its base URL.'],
  tls: ['upstream_unreachable', 'could not be trusted: its TLS certificate is not valid for this host.'],
  reset: ['upstream_disconnected', 'closed the connection before its answer was complete.'],
  'connect-timeout': ['upstream_unreachable', 'did not accept a connection in time.'],
  malformed: ['upstream_invalid', 'answered with something that is not HTTP, or not in the coding it names.'],
  'too-large': ['upstream_invalid', 'sent an answer larger than this gateway accepts.'],
  other: ['upstream_unreachable', 'could not be reached.'],
}

/** A broken connection as a fault; what the signal says wins, because it was the cause. */
export function transportFault(error: unknown, provider: string, signal: AttemptSignal): Fault | 'cancelled' {
  const { cause } = signal
  if (cause?.kind === 'fault') return cause.fault
  if (cause !== undefined) return 'cancelled'
  const { kind } = asTransportError(error)
  const [code, words] = reasons[kind]
  // A host that could not be trusted will not be more trustworthy on a retry.
  return createFault(code, `The provider "${provider}" ${words}`, kind === 'tls' ? { retryable: false } : {})
}

export type Sent = Parsed<UpstreamResponse> | { readonly ok: 'cancelled' }

/** Sends one request and waits for the status. Never rejects. */
export async function send(
  call: { readonly target: Pick<Target, 'provider' | 'timeouts'> },
  request: UpstreamRequest,
  ports: SendPorts,
  signal: AttemptSignal,
): Promise<Sent> {
  try {
    if (ports.dial !== undefined)
      await ports.dial(new URL(request.url), call.target.timeouts.connect, signal.signal)
    return { ok: true, value: await ports.transport.send(request, signal.signal) }
  } catch (error) {
    const fault = transportFault(error, call.target.provider, signal)
    return fault === 'cancelled' ? { ok: 'cancelled' } : { ok: false, fault }
  }
}
