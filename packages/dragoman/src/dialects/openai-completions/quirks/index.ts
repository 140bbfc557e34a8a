import type { Quirk } from '../../../core/quirk.ts'
import { noEchoNoBestOf } from './no-echo-no-best-of.ts'

/** Named deviations of hosts that speak this wire. */
export const completionsQuirks: { readonly [id: string]: Quirk } = {
  [noEchoNoBestOf.id]: noEchoNoBestOf,
}
