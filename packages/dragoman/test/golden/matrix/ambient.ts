import { createAmbient } from '../../../src/core/ambient.ts'
import type { Ambient } from '../../../src/core/ports.ts'

/** 2026-11-23T00:00:00Z: every golden's "now". */
export const fixedNow = 1_795_392_000_000

/** Stands still and counts its ids, so that the same call gives the same bytes. Timers are real: nothing waits on them. */
export function createFixedAmbient(): Ambient {
  let count = 0
  return {
    ...createAmbient(),
    now: () => fixedNow,
    randomId: length => String(++count).padStart(length, '0'),
  }
}
