import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { FetchedMedia, MediaFetch, MediaLimits, MediaProblem } from '../core/ports.ts'
import { classOf } from './address.ts'
import { Turnstile } from './turnstile.ts'

/** One request to one address. */
export interface Dialled {
  /** As the caller wrote it; `host` of it is what the request names. */
  readonly url: URL
  /** The address that was checked. */
  readonly address: string
}

/** How names are resolved and addresses asked; tests put others in. */
export interface MediaHost {
  readonly resolve: (name: string) => Promise<readonly string[]>
  readonly send: (dialled: Dialled, signal: AbortSignal) => Promise<Response>
}

const mostRedirects = 3

/** Fetches under way in this process; more of them wait, within their own time. */
const mostAtOnce = 32

/** Addresses of one host that are tried: one that does not answer may have a neighbour that does. */
const mostAddresses = 2

const redirects: readonly number[] = [301, 302, 303, 307, 308]

const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

const resolveName = async (name: string): Promise<readonly string[]> => {
  const found = await lookup(name, { all: true })
  // IPv4 first: where IPv6 leads nowhere, finding that out takes the time of the call.
  return found.toSorted((one, other) => one.family - other.family).map(({ address }) => address)
}

/**
 * Asks exactly this address: its name is only said, in the Host header and to TLS, which checks the certificate by it.
 * A connection is not kept, since the next one to this address may be another name's.
 */
const sendTo = ({ url, address }: Dialled, signal: AbortSignal): Promise<Response> => {
  const target = new URL(url)
  target.hostname = address.includes(':') ? `[${address}]` : address
  const name = bareHost(url)
  return fetch(target, {
    headers: {
      host: url.host,
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': 'dragoman',
    },
    redirect: 'manual',
    credentials: 'omit',
    keepalive: false,
    decompress: false,
    signal,
    ...(url.protocol === 'https:' && isIP(name) === 0 ? { tls: { serverName: name } } : {}),
  })
}

/** A problem as an exception, inside this file only. */
class Stopped extends Error {
  readonly problem: MediaProblem
  constructor(problem: MediaProblem) {
    super(problem.kind)
    this.problem = problem
  }
}

const stop = (kind: Exclude<MediaProblem['kind'], 'status'>): never => {
  throw new Stopped({ kind })
}

/** The port `media` of a server: see `MediaFetch` for what it promises. */
export function createMediaFetch(host: Partial<MediaHost> = {}): MediaFetch {
  const { resolve = resolveName, send = sendTo } = host
  const turnstile = new Turnstile(mostAtOnce)
  return async (url, limits, owner) => {
    const controller = new AbortController()
    const { signal } = controller
    let why: 'timeout' | 'cancelled' = 'cancelled'
    const cancel = () => controller.abort()
    const timer = setTimeout(() => {
      why = 'timeout'
      cancel()
    }, limits.timeout)
    owner.addEventListener('abort', cancel, { once: true })
    if (owner.aborted) cancel()
    try {
      return await turnstile.pass(signal, () => follow(url, limits, { resolve, send }, signal))
    } catch (error) {
      if (signal.aborted) return { ok: false, problem: { kind: why } }
      return { ok: false, problem: error instanceof Stopped ? error.problem : { kind: 'unreachable' } }
    } finally {
      clearTimeout(timer)
      owner.removeEventListener('abort', cancel)
    }
  }
}

async function follow(
  address: string,
  limits: MediaLimits,
  host: MediaHost,
  signal: AbortSignal,
): Promise<FetchedMedia> {
  let url = parse(address)
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const addresses = await allowedAddresses(url, limits, host, signal)
    const response = await ask(url, addresses, host, signal)
    if (!redirects.includes(response.status)) return await read(response, limits.maxSize)
    discard(response)
    const location = response.headers.get('location')
    if (location === null) return stop('redirects')
    url = parse(location, url)
  }
  return stop('redirects')
}

function parse(text: string, base?: URL): URL {
  const url = URL.parse(text, base)
  return url ?? stop('scheme')
}

/** Every address that the host has may be asked, or none: a name that also leads inside is a trap or a mistake. */
async function allowedAddresses(
  url: URL,
  { allowHttp, allowPrivate }: MediaLimits,
  { resolve }: MediaHost,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) return stop('scheme')
  if (url.username !== '' || url.password !== '') return stop('credentials')
  const name = bareHost(url)
  const found = isIP(name) === 0 ? await settled(resolve(name), signal) : [name]
  const isAllowed = (address: string): boolean => {
    const place = classOf(address)
    return place === 'public' || (place === 'private' && allowPrivate)
  }
  return found.length > 0 && found.every(isAllowed) ? found : stop('host')
}

/** A name's addresses; none where it has none. Looking up cannot be cancelled, but nobody has to wait for it. */
async function settled(looking: Promise<readonly string[]>, signal: AbortSignal): Promise<readonly string[]> {
  const { promise: gaveUp, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([looking.catch(() => []), gaveUp])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function ask(
  url: URL,
  addresses: readonly string[],
  { send }: MediaHost,
  signal: AbortSignal,
): Promise<Response> {
  for (const address of addresses.slice(0, mostAddresses)) {
    try {
      return await send({ url, address }, signal)
    } catch {
      if (signal.aborted) break
    }
  }
  return stop('unreachable')
}

const discard = (response: Response): void => void response.body?.cancel().catch(() => {})

async function read(response: Response, limit: number): Promise<FetchedMedia> {
  const { status, headers, body } = response
  const announced = Number(headers.get('content-length') ?? Number.NaN)
  const problem = problemOf(status, headers.get('content-encoding'), announced > limit)
  if (problem !== undefined) {
    discard(response)
    throw new Stopped(problem)
  }
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body ?? []) {
      size += chunk.length
      // Leaving the loop gives up the rest.
      if (size > limit) return { ok: false, problem: { kind: 'too-large' } }
      chunks.push(chunk)
    }
  } catch {
    return stop('cut')
  }
  return { ok: true, bytes: joined(chunks, size), contentType: headers.get('content-type') ?? undefined }
}

function problemOf(status: number, coding: string | null, isTooLarge: boolean): MediaProblem | undefined {
  if (status !== 200) return { kind: 'status', status }
  if (coding !== null && coding !== 'identity') return { kind: 'coding' }
  return isTooLarge ? { kind: 'too-large' } : undefined
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
