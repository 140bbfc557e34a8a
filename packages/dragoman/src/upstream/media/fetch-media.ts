import { type Aimed, knownAs, type Operations } from '../../core/call.ts'
import type { Payload } from '../../core/payload.ts'
import type { Ambient, MediaFetch, MediaLimits } from '../../core/ports.ts'
import { AttemptSignal, type Attempts } from '../../core/signals.ts'
import { findDialect } from '../../dialects/registry.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { Note } from '../../ir/note.ts'
import type { MediaPart, MediaSource } from '../../ir/part.ts'
import type { Provider } from '../../providers/provider.ts'
import { Lacking } from '../lacking.ts'
import { chooseBinding, inCallersWords, willRelay } from '../plan.ts'
import { policiesFor, policyFor } from '../unsupported.ts'
import { writeBase64 } from './data-url.ts'
import { fetchedOf } from './fetched.ts'
import { mediaForms } from './forms.ts'
import { sentenceOf, wrongType } from './problems.ts'
import { sniffMedia } from './sniff.ts'
import { findWanted, isData, type Wanted, withSources } from './wanted.ts'

/** What a gateway may fetch, and with what; a call has it from its own configuration. */
export interface MediaContext {
  readonly fetch: MediaFetch
  readonly limits: MediaLimits & {
    /** Bytes of all media of one call. */
    readonly maxTotal: number
  }
}

export interface FetchContext {
  /** Absent: nothing is fetched. */
  readonly media?: MediaContext | undefined
  readonly ambient: Ambient
  readonly attempts: Attempts
}

export type Prepared =
  | { readonly kind: 'ready'; readonly call: Aimed }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'cancelled' }

type AskingBody = Payload<Operations['generate']['request']>

/** Media of this call that its target takes only as bytes and that the caller gave by address. */
function wantedOf(call: Aimed, provider: Provider, canFetch: boolean): readonly Wanted[] {
  if (call.operation !== 'generate' && call.operation !== 'count') return []
  const dialect = chooseBinding(call, provider)?.dialect
  if (dialect === undefined || willRelay(call, provider)) return []
  const decoded = (call.body as AskingBody).value() // both operations ask with the same model
  if (!decoded.ok) return []
  const lacking = new Lacking(provider, dialect, knownAs(call.target), call.dialect)
  const caller = findDialect(call.dialect)
  const policies = policiesFor(call.route.policies, call.headers)
  return findWanted(decoded.value, call.dialect, dialect, lacking).filter(
    ({ path, url }) =>
      (canFetch || isData(url)) && policyFor(policies, caller?.pathOf(path) ?? path) === 'emulate',
  )
}

/**
 * The call with the bytes of what it named by address, for targets that take only bytes (ruling 8); undefined where
 * there is nothing to do, which is nearly always.
 */
export function fetchMedia(
  call: Aimed,
  provider: Provider,
  context: FetchContext,
): Promise<Prepared> | undefined {
  const wanted = wantedOf(call, provider, context.media !== undefined)
  return wanted.length === 0 ? undefined : new Fetching(call, provider, wanted, context).run()
}

/** What stands for bytes that are not there. */
const standIns: { readonly [M in MediaPart['media']]: string } = {
  image: 'image/jpeg',
  audio: 'audio/mpeg',
  video: 'video/mp4',
  file: 'application/pdf',
}

/** The call as `fetchMedia` would make it, with nothing fetched: for plans that are only looked at. */
export function imagineMedia(
  call: Aimed,
  provider: Provider,
  canFetch: boolean,
): { readonly call: Aimed; readonly notes: readonly Note[] } {
  const wanted = wantedOf(call, provider, canFetch)
  if (wanted.length === 0) return { call, notes: [] }
  const sources = wanted.map(({ part }): [MediaPart, MediaSource] => [
    part,
    { type: 'base64', mediaType: standIns[part.media], data: '' },
  ])
  return { call: withMedia(call, new Map(sources)), notes: notesOf(call, provider, wanted) }
}

function withMedia(call: Aimed, sources: ReadonlyMap<MediaPart, MediaSource>): Aimed {
  const body = call.body as AskingBody // as above
  const decoded = body.value()
  if (!decoded.ok) return call
  return { ...call, body: body.withValue(withSources(decoded.value, sources)) }
}

/** What the gateway did for the target, in the caller's words. */
function notesOf(call: Aimed, { kind }: Provider, wanted: readonly Wanted[]): readonly Note[] {
  const reason = `${kind.title} takes this only as bytes: the gateway fetched it from its address.`
  const notes = wanted.flatMap(({ path, url }): Note[] =>
    isData(url) ? [] : [{ kind: 'emulated', path, reason }],
  )
  return inCallersWords(call, notes)
}

/** How many media of one call are fetched at a time. */
const atOnce = 4

/** The media of one attempt on their way. */
class Fetching {
  readonly #call: Aimed
  readonly #provider: Provider
  readonly #wanted: readonly Wanted[]
  readonly #context: FetchContext
  readonly #signal: AttemptSignal
  readonly #sources = new Map<MediaPart, MediaSource>()
  #fault: Fault | undefined

  constructor(call: Aimed, provider: Provider, wanted: readonly Wanted[], context: FetchContext) {
    this.#call = call
    this.#provider = provider
    this.#wanted = wanted
    this.#context = context
    this.#signal = new AttemptSignal(call.owner, context.ambient, context.attempts)
  }

  async run(): Promise<Prepared> {
    const { total } = this.#call.target.timeouts
    const left = this.#call.receivedAt + total - this.#context.ambient.now()
    this.#signal.deadline(left, () =>
      createFault('upstream_timeout', 'The time of this call was over before its media were fetched.'),
    )
    const queue = [...this.#wanted]
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined && !this.#isOver; next = queue.shift())
        await this.#take(next)
    }
    try {
      await Promise.all(Array.from({ length: Math.min(atOnce, queue.length) }, work))
    } finally {
      this.#signal[Symbol.dispose]()
    }
    return this.#result()
  }

  get #isOver(): boolean {
    return this.#fault !== undefined || this.#signal.cause !== undefined
  }

  async #take(wanted: Wanted): Promise<void> {
    const { part, url } = wanted
    const fetched = await fetchedOf(this.#call).get(url, this.#context.media, this.#signal.signal)
    if (this.#isOver) return
    if (!fetched.ok) return this.#fail(wanted, sentenceOf(fetched.problem))
    const { bytes } = fetched
    const { pictures } = mediaForms(this.#dialect)
    const claimed = fetched.contentType ?? ('mediaType' in part.source ? part.source.mediaType : undefined)
    const mediaType = sniffMedia(bytes, claimed, part.media, pictures)
    if (mediaType === undefined) return this.#fail(wanted, wrongType(part.media))
    this.#sources.set(part, { type: 'base64', mediaType, data: writeBase64(bytes) })
  }

  get #dialect() {
    return chooseBinding(this.#call, this.#provider)?.dialect ?? this.#call.dialect
  }

  /** Names the part in the caller's words; its address is the caller's own and is not repeated. */
  #fail({ path, part }: Wanted, reason: string): void {
    const [note] = inCallersWords(this.#call, [{ kind: 'refused', path, reason }])
    const param = note?.path ?? path
    const what = `${this.#provider.kind.title} takes this only as bytes, and this gateway could not fetch it`
    this.#fault = createFault(
      'invalid_request',
      `${param}: ${what}: ${reason} Send the bytes themselves instead of an address.`,
      { param, origin: 'client', ...(part.media === 'image' ? { word: 'invalid_image_url' } : {}) },
    )
    this.#signal.abort({ kind: 'discarded' })
  }

  #result(): Prepared {
    if (this.#fault !== undefined) return { kind: 'fault', fault: this.#fault }
    const { cause } = this.#signal
    if (cause?.kind === 'fault') return { kind: 'fault', fault: cause.fault }
    if (cause !== undefined) return { kind: 'cancelled' }
    for (const note of notesOf(this.#call, this.#provider, this.#wanted)) this.#call.journal.note(note)
    return { kind: 'ready', call: withMedia(this.#call, this.#sources) }
  }
}
