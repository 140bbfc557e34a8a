import type { Note } from '../../ir/note.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import { featuresOf } from '../features.ts'
import type { Lacking } from '../lacking.ts'
import { leaveOutAbsent } from './absent.ts'
import type { Adaptation, AdaptContext, Adapter } from './adaptation.ts'
import { callSignature } from './call-signature.ts'
import { customTools } from './custom-tool.ts'
import { emptyStop, maxTokensDefault, streamFromWhole } from './defaults.ts'
import { foreignMedia } from './foreign-media.ts'
import { localStop } from './local-stop.ts'
import { outputSchema } from './output-schema.ts'
import { inCallersPlaces } from './places.ts'
import { reasoningForm } from './reasoning.ts'
import { schemaTool } from './schema-tool.ts'
import { strictOutput } from './strict-output.ts'
import { thinkTags } from './think-tags.ts'
import { allowedBySubset, namedBySendingAlone, noneByLeavingOut, requiredByAsking } from './tool-choice.ts'
import { toolIds } from './tool-ids.ts'
import { toolNames } from './tool-names.ts'
import { toolPairs } from './tool-pairs.ts'
import { toolSchemas } from './tool-schema.ts'
import {
  assistantFirst,
  emptyTurns,
  mediaResults,
  prefill,
  sameRole,
  systemInside,
  undeclaredTools,
  userAfterResults,
} from './turns.ts'
import { volatilePrompt } from './volatile-prompt.ts'

/** The order in which a request passes them, a reason a line; answers pass them in reverse. */
const adapters: readonly Adapter[] = [
  volatilePrompt, // first, so that nothing below counts or moves what does not travel
  toolPairs, // before whatever looks at calls and results
  foreignMedia, // before media are moved
  emptyTurns,
  systemInside,
  mediaResults, // what it puts behind the results is the user's
  userAfterResults,
  assistantFirst,
  prefill,
  sameRole, // after those that put turns in
  undeclaredTools, // a choice among tools needs some
  allowedBySubset, // before the choices below, which then see a plain mode
  noneByLeavingOut,
  namedBySendingAlone,
  requiredByAsking,
  customTools, // before the answer tool, which is a function anyway
  schemaTool, // after the caller's own tools have their final names of kind
  outputSchema, // what is still native after that
  strictOutput, // of targets that nothing is known of
  emptyStop,
  localStop, // its inverse runs before the answer tool's: a stop inside JSON text is not the caller's stop
  reasoningForm,
  maxTokensDefault,
  streamFromWhole,
  leaveOutAbsent, // only what nothing above stands in for
  toolSchemas, // the answer tool has a schema too
  toolNames, // last, so that it sees every tool there is
  toolIds,
  callSignature,
  thinkTags, // last, so that its inverse is first: what is behind the thought is the answer
]

/** What adapters are told of the target; which of its gaps matter depends on the request as it is by then. */
export type AdaptBase = Omit<AdaptContext, 'used' | 'lacks' | 'why'> & { readonly lacking: Lacking }

export interface Adapted {
  readonly request: GenerateRequest
  /** Paths of the model. */
  readonly notes: readonly Note[]
  readonly adaptations: readonly Adaptation[]
}

/** Passes a request through every adapter it needs for this target. */
export function adapt(request: GenerateRequest, context: AdaptBase): Adapted {
  let current = request
  let used = featuresOf(request)
  const notes: Note[] = []
  const adaptations: Adaptation[] = []
  const { lacking, ...target } = context
  const view: AdaptContext = {
    ...target,
    get used() {
      return used
    },
    lacks: feature => lacking.lacks(feature, used),
    why: feature => lacking.why(feature, used),
  }
  for (const adapter of adapters) {
    const adaptation = adapter(current, view)
    if (adaptation === undefined) continue
    const before = current.turns
    const adapted = adaptation.request(current)
    current = adapted.value
    used = featuresOf(current)
    notes.push(...inCallersPlaces(adapted.notes, before))
    adaptations.push(adaptation)
  }
  return { request: current, notes, adaptations }
}
