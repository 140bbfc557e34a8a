import type { Aimed } from '../core/call.ts'
import type { Framing } from '../core/dialect.ts'
import type { Provider } from '../providers/provider.ts'
import type { Plan } from './plan.ts'

/** The media types of streams, as they are asked for. */
const streamTypes: { readonly [F in Framing]: string } = {
  sse: 'text/event-stream',
  aws: 'application/vnd.amazon.eventstream',
  'aws-chunks': 'application/vnd.amazon.eventstream',
  'json-array': 'application/json',
  ndjson: 'application/x-ndjson',
  none: 'application/json',
}

/**
 * The headers of one upstream request, built from nothing: what a client sends travels on only by name (revision and
 * betas of its own dialect), its key never does.
 */
export function writeHeaders(
  call: Aimed,
  provider: Provider,
  plan: Plan,
  instance: string,
): { [name: string]: string } {
  const headers: { [name: string]: string } = {
    'content-type': 'application/json',
    accept: plan.stream ? streamTypes[plan.binding.framing ?? plan.dialect.framing] : 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'dragoman',
    'dragoman-hops': [...call.headers.hops, instance].join(','),
    ...plan.binding.headers,
    ...provider.headers,
  }
  if (plan.mode !== 'translate') {
    const { revisionHeader } = plan.binding
    if (revisionHeader !== undefined && call.headers.revision !== undefined)
      headers[revisionHeader] = call.headers.revision
  }
  if (plan.dialect.id === call.dialect) {
    for (const name of plan.binding.betaHeaders ?? []) {
      const value = call.headers.betas[name]
      if (value !== undefined) headers[name] = value
    }
  }
  return authorise(headers, provider)
}

/** Adds the provider’s own credential, in the header its kind wants it in. */
export function authorise(
  headers: { [name: string]: string },
  provider: Provider,
): { [name: string]: string } {
  const { auth } = provider.kind
  const secret = provider.credential?.reveal()
  if (secret === undefined) return headers
  switch (auth.type) {
    case 'bearer':
    case 'optional-bearer':
    case 'sigv4':
      headers.authorization = `Bearer ${secret}`
      return headers
    case 'header':
      headers[auth.name] = secret
      return headers
    case 'none':
      return headers
  }
}
