import type { Aimed, CallerHeaders } from '../../core/call.ts'
import type { FetchedMedia } from '../../core/ports.ts'
import { readDataUrl } from './data-url.ts'
import type { MediaContext } from './fetch-media.ts'
import { isData } from './wanted.ts'

/** What was fetched for one call: once each, whatever the number of its targets, legs and attempts. */
class Fetched {
  readonly #byUrl = new Map<string, Promise<FetchedMedia>>()
  #size = 0

  get(url: string, media: MediaContext | undefined, signal: AbortSignal): Promise<FetchedMedia> {
    let fetched = this.#byUrl.get(url)
    if (fetched === undefined) {
      fetched = this.#fetch(url, media, signal)
      this.#byUrl.set(url, fetched)
    }
    return fetched
  }

  async #fetch(url: string, media: MediaContext | undefined, signal: AbortSignal): Promise<FetchedMedia> {
    if (isData(url)) return { ok: true, ...readDataUrl(url) }
    if (media === undefined) return { ok: false, problem: { kind: 'scheme' } }
    const { maxTotal, ...limits } = media.limits
    const maxSize = Math.min(limits.maxSize, maxTotal - this.#size)
    const fetched = await media.fetch(url, { ...limits, maxSize }, signal)
    if (!fetched.ok) return fetched
    this.#size += fetched.bytes.length
    return this.#size > maxTotal ? { ok: false, problem: { kind: 'too-large' } } : fetched
  }
}

/**
 * By the headers of a call, which are made with it, go along through every stage and are let go with it: a signal may end
 * many calls (a session's, or one that a library's caller uses again), and a journal is remembered long after.
 */
const calls = new WeakMap<CallerHeaders, Fetched>()

export function fetchedOf({ headers }: Aimed): Fetched {
  let fetched = calls.get(headers)
  if (fetched === undefined) {
    fetched = new Fetched()
    calls.set(headers, fetched)
  }
  return fetched
}
