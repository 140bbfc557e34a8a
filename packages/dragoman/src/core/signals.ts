import type { Fault } from '../ir/fault.ts'
import type { Ambient } from './ports.ts'

/** Why an attempt stopped early. The first cause wins. */
export type AbortCause =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'discarded' }
  | { readonly kind: 'fault'; readonly fault: Fault }

/** The attempts under way, so that a gateway that closes can end them all, and every one that is started after. */
export class Attempts {
  readonly #live = new Set<AttemptSignal>()
  #closed: AbortCause | undefined

  enter(attempt: AttemptSignal): void {
    if (this.#closed === undefined) this.#live.add(attempt)
    else attempt.abort(this.#closed)
  }

  leave(attempt: AttemptSignal): void {
    this.#live.delete(attempt)
  }

  /** Ends every attempt with this fault, now and from now on. */
  close(fault: Fault): void {
    this.#closed = { kind: 'fault', fault }
    for (const attempt of this.#live) attempt.abort(this.#closed)
  }
}

/**
 * The one signal of an attempt: its owner (client or job), its deadlines, and whoever discards it. Written by hand
 * instead of `AbortSignal.any`, because every link has to be unlinked when the attempt is over: an owner outlives
 * many attempts.
 */
export class AttemptSignal {
  readonly #controller = new AbortController()
  readonly #owner: AbortSignal
  readonly #ambient: Ambient
  readonly #attempts: Attempts | undefined
  #cancels: (() => void)[] = []
  #cause: AbortCause | undefined
  readonly #onOwner = () => this.abort({ kind: 'cancelled' })

  constructor(owner: AbortSignal, ambient: Ambient, attempts?: Attempts) {
    this.#owner = owner
    this.#ambient = ambient
    this.#attempts = attempts
    if (owner.aborted) this.#onOwner()
    else owner.addEventListener('abort', this.#onOwner)
    attempts?.enter(this)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get cause(): AbortCause | undefined {
    return this.#cause
  }

  abort(cause: AbortCause): void {
    if (this.#cause !== undefined) return
    this.#cause = cause
    this.#controller.abort()
  }

  /** Aborts with this fault after a time, unless the returned function is called first. */
  deadline(milliseconds: number, fault: () => Fault): () => void {
    const cancel = this.#ambient.after(Math.max(0, milliseconds), () => {
      this.abort({ kind: 'fault', fault: fault() })
    })
    this.#cancels.push(cancel)
    return cancel
  }

  /** Unlinks everything. What was aborted stays so. */
  [Symbol.dispose](): void {
    this.#attempts?.leave(this)
    this.#owner.removeEventListener('abort', this.#onOwner)
    for (const cancel of this.#cancels) cancel()
    this.#cancels = []
  }
}
