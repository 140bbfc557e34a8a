import type { PathSegments } from './problem.ts'

/** The place of a key with names and numbers left out: `providers.*`, `models.*.targets.#`. */
function placeOf(segments: PathSegments): string {
  return segments
    .map((segment, index) => {
      if (typeof segment === 'number') return '#'
      return index === 1 && (segments[0] === 'providers' || segments[0] === 'models') ? '*' : segment
    })
    .join('.')
}

const later = 'Take it out; a later version brings it.'
const stateStands = 'Take it out; `state` stands with each of the `targets` of an entry of `models`.'

/**
 * Keys that belong to the product but not to this version, by place. Accepting and ignoring one would be a lie, and
 * "unknown key" would send its reader looking for a typing mistake.
 */
const reserved: { readonly [place: string]: { readonly [key: string]: string } } = {
  '': {
    stores: 'Take it out; `store` is one.',
    budgets: later,
    cache: later,
    limits: later,
    rates: later,
    cors: later,
    tls: later,
    guardrails: later,
    guard: later,
    prices: later,
    telemetry: later,
    metrics: later,
    idempotency: later,
    responses: 'Take it out; `store` says where they are kept and how long.',
    conversations: 'Take it out; `store` says where they are kept.',
    files: later,
    batches: later,
    state: later,
    retention: 'Take it out; `retention` stands under `store`.',
    admin: later,
    console: later,
    balance: later,
    breaker: later,
    hedge: later,
    fallback: 'Take it out; the order of `targets` is the fallback.',
    log: 'Take it out; `--log` on the command line writes a line a request.',
    keys: 'Take it out; `dragoman keys create` makes keys.',
  },
  server: { tls: later, cors: later, workers: later, socket: later, unix: later, admin: later, proxy: later },
  'providers.*': {
    state: stateStands,
    account: later,
    project: later,
    proxy: later,
    limits: later,
    credentials: later,
    dialects: later,
    profile: later,
    quirks: later,
    prices: later,
    tls: later,
    timeouts: 'Take it out; `timeouts` stand at the top or with an entry of `models`.',
    models: later,
  },
  'models.*': {
    state: stateStands,
    cache: later,
    budgets: later,
    limits: later,
    guardrails: later,
    prices: later,
    retry: 'Take it out; `retry` stands at the top.',
    fallback: 'Take it out; the order of `targets` is the fallback.',
  },
  'models.*.targets.#': {
    weight: later,
    priority: later,
    limits: later,
    credentials: later,
    timeouts: 'Take it out; `timeouts` stand at the top or with the entry of `models`.',
    options: later,
  },
  requests: { store: later, retention: later },
  retry: { budget: later, backoff: later },
  auth: { jwt: later, oidc: later, keys: 'Take it out; `dragoman keys create` makes keys.' },
}

/** What to do about a key that this version knows of but does not implement; undefined where it is simply unknown. */
export function reservedHint(parent: PathSegments, key: string): string | undefined {
  const keys = reserved[placeOf(parent)]
  return keys !== undefined && Object.hasOwn(keys, key) ? keys[key] : undefined
}
