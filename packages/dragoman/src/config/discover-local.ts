import type { EngineProof, LocalEngine, ProviderKind } from '../providers/provider.ts'
import { type Kinds, sectionOf } from './check-providers.ts'
import type { Discovered } from './discover.ts'

/** The shape of fetch that probing needs. */
export type ProbeFetch = (url: string, init: RequestInit) => Promise<Response>

/** An engine that is up answers its own machine in a few milliseconds; a start must not wait for one that hangs. */
const patience = 300

/** A status page is short: what is longer is something else, and is not read. */
const longest = 64 * 1024

async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (reader !== undefined && text.length < longest) {
    const { done, value } = await reader.read()
    if (done) break
    text += decoder.decode(value, { stream: true })
  }
  await reader?.cancel()
  // One read may bring more than was asked for; whether it counts must not depend on how it was cut.
  return text.slice(0, longest)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether an answer proves that this engine gave it. */
async function isProven(response: Response, proof: LocalEngine['proof']): Promise<boolean> {
  const proofs = proof.type === 'every' ? proof.of : [proof]
  const isNamed = proofs.every(
    each => each.type !== 'header' || (response.headers.get(each.name)?.includes(each.includes) ?? false),
  )
  const saying = proofs.filter(each => each.type !== 'header')
  if (!isNamed || saying.length === 0) return isNamed
  if (!response.ok) return false
  const text = await readStart(response)
  return saying.every(each => isSaid(text, each))
}

function isSaid(text: string, proof: Exclude<EngineProof, { readonly type: 'header' }>): boolean {
  if (proof.type === 'text') return text.includes(proof.includes)
  const json = sectionOf(parseJson(text))
  if (!Object.hasOwn(json, proof.field)) return false
  return proof.value === undefined || String(json[proof.field]) === proof.value
}

/** The kind's address with another port; the path that the kind has on every machine stays. */
function baseUrlAt(kind: ProviderKind, origin: string): string {
  const path = kind.baseUrl === undefined ? '' : new URL(kind.baseUrl).pathname
  return `${origin}${path === '/' ? '' : path}`
}

/** Whether this origin is an engine of this kind: by what it answers, never by its port. */
export async function isEngine(origin: string, local: LocalEngine, send: ProbeFetch): Promise<boolean> {
  try {
    const response = await send(`${origin}${local.path}`, {
      signal: AbortSignal.timeout(patience),
      redirect: 'manual',
    })
    return await isProven(response, local.proof)
  } catch {
    return false
  }
}

/** Engines that answer on their usual ports of this machine, all asked at once; takes at most 300 ms. */
export async function discoverLocal(kinds: Kinds, send: ProbeFetch = fetch): Promise<readonly Discovered[]> {
  const places = Object.values(kinds).flatMap(kind =>
    (kind.local?.ports ?? []).map(port => ({ kind, port, local: kind.local })),
  )
  const found = await Promise.all(
    places.map(async ({ kind, port, local }, index): Promise<readonly Discovered[]> => {
      const origin = `http://127.0.0.1:${port}`
      if (local === undefined || !(await isEngine(origin, local, send))) return []
      // The kind's first port has the short name; any other is named by its port, so that names never change hands.
      const first = places.findIndex(place => place.kind === kind) === index
      const name = first ? kind.kind : `${kind.kind}-${port}`
      return [{ name, kind: kind.kind, from: 'port', baseUrl: baseUrlAt(kind, origin) }]
    }),
  )
  return found.flat()
}

/**
 * The engines of this machine over time. One that misses a single scan stays: it may be loading a model, and taking its
 * models away for half a minute would fail calls that it could answer.
 */
export class LocalEngines {
  readonly #scan: () => Promise<readonly Discovered[]>
  #known: readonly Discovered[] = []
  #missed = new Set<string>()

  constructor(scan: () => Promise<readonly Discovered[]>) {
    this.#scan = scan
  }

  get known(): readonly Discovered[] {
    return this.#known
  }

  /** Looks again; whether anything came or went. */
  async rescan(): Promise<boolean> {
    const found = await this.#scan()
    const names = new Set(found.map(engine => engine.name))
    const spared = this.#known.filter(engine => !names.has(engine.name) && !this.#missed.has(engine.name))
    const before = new Set(this.#known.map(engine => engine.name))
    this.#missed = new Set(spared.map(engine => engine.name))
    this.#known = [...found, ...spared]
    return before.size !== this.#known.length || this.#known.some(engine => !before.has(engine.name))
  }
}
