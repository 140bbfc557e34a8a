import type { Ambient } from '../core/ports.ts'

/**
 * Watches for an upstream that stopped sending. One timer a stream, not one a read: it looks when it fires how long
 * the current read has been waiting. A slow reader of ours is not the upstream's silence, so only waiting counts.
 */
export class IdleWatch {
  readonly #ambient: Ambient
  readonly #limit: number
  readonly #onIdle: () => void
  #waitingSince: number | undefined
  #cancel: (() => void) | undefined

  constructor(ambient: Ambient, limit: number, onIdle: () => void) {
    this.#ambient = ambient
    this.#limit = limit
    this.#onIdle = onIdle
    this.#arm(limit)
  }

  waiting(isWaiting: boolean): void {
    this.#waitingSince = isWaiting ? this.#ambient.now() : undefined
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(milliseconds: number): void {
    this.#cancel = this.#ambient.after(milliseconds, () => {
      const since = this.#waitingSince
      const waited = since === undefined ? 0 : this.#ambient.now() - since
      if (waited >= this.#limit) this.#onIdle()
      else this.#arm(Math.max(1, this.#limit - waited))
    })
  }
}
