import type { Quirk } from '../../../core/quirk.ts'
import { developerAsSystem } from './developer-as-system.ts'
import { jsonObjectAsSchema } from './json-object-as-schema.ts'
import { logprobsNeedTop } from './logprobs-need-top.ts'
import { maxTokensOldName } from './max-tokens-old-name.ts'
import { namedToolAsRequired } from './named-tool-as-required.ts'
import { noParallelFlag } from './no-parallel-flag.ts'
import { noStreamOptions } from './no-stream-options.ts'
import { noToolChoice, noToolChoiceNone } from './no-tool-choice.ts'
import { noReasoningHistory, reasoningAsReasoning, reasoningReplay } from './reasoning.ts'
import { shortToolIds } from './short-tool-ids.ts'

const all: readonly Quirk[] = [
  maxTokensOldName,
  noStreamOptions,
  jsonObjectAsSchema,
  namedToolAsRequired,
  noToolChoiceNone,
  noToolChoice,
  noParallelFlag,
  developerAsSystem,
  reasoningAsReasoning,
  reasoningReplay,
  noReasoningHistory,
  logprobsNeedTop,
  shortToolIds,
]

/** Deviations of hosts that speak chat completions, by id. A provider lists those it has. */
export const chatQuirks: { readonly [id: string]: Quirk } = Object.fromEntries(
  all.map(quirk => [quirk.id, quirk]),
)
