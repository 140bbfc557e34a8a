import type { Extra } from '../ir/extra.ts'
import type { Opaque, Origin } from '../ir/opaque.ts'
import type { ItemMeta, ThinkingPart } from '../ir/part.ts'

/**
 * What a provider said in one turn that its caller cannot hold or will not send back as it was: enough to put the turn
 * together again, whatever became of it in another dialect.
 */
export interface Keepsake extends Kept {
  readonly origin: Origin
}

export interface Kept {
  /** The wire items that thinking belonged to; `item` of a kept thought is an index into it. */
  readonly items?: readonly ItemMeta[]
  /** The turn's parts in order, or the one part that an envelope stands for. */
  readonly parts: readonly KeptPart[]
}

export type KeptPart =
  /** Whole, because callers drop, join or shorten thoughts, and a signature covers every letter. */
  | { readonly kind: 'thinking'; readonly part: ThinkingPart }
  /** Only its length: the text itself comes back with the caller. */
  | { readonly kind: 'text'; readonly length: number; readonly opaque?: Opaque }
  /** `id` is the provider's own. */
  | { readonly kind: 'tool-call'; readonly id: string; readonly opaque?: Opaque; readonly extra?: Extra }

/** Keepsakes of a later version of this gateway may say what this one does not know. */
const version = 1

export function writeKeepsake(keepsake: Keepsake): string {
  return JSON.stringify({ version, ...keepsake })
}

/** The keepsake that this gateway wrote; undefined for one of another version. */
export function parseKeepsake(plain: string): Keepsake | undefined {
  const { version: written, ...keepsake } = JSON.parse(plain) as Keepsake & { version: number } // authenticated: we wrote it
  return written === version ? keepsake : undefined
}

/** Whether anything of it could be missed: the ids of calls alone could not. */
export function holdsState(kept: Kept): boolean {
  return kept.parts.some(part => part.kind === 'thinking' || part.opaque !== undefined)
}

/** Whether state of this origin may go there: whatever either side knows of itself has to be the same (law 5). */
export function isSameOrigin(one: Origin, other: Origin): boolean {
  return (
    one.provider === other.provider &&
    one.endpoint === other.endpoint &&
    one.account === other.account &&
    one.family === other.family
  )
}
