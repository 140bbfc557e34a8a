import type { Quirk } from '../../../core/quirk.ts'
import { audioAsBase64 } from './audio-as-base64.ts'
import { demandTiers } from './demand-tiers.ts'
import { developerAsSystem } from './developer-as-system.ts'
import { effortDefault } from './effort-default.ts'
import { jsonObjectAsSchema } from './json-object-as-schema.ts'
import { narrowRanges } from './limits.ts'
import { logprobsAsNumber } from './logprobs-as-number.ts'
import { logprobsNeedTop } from './logprobs-need-top.ts'
import { maxTokensOldName } from './max-tokens-old-name.ts'
import { namedToolAsRequired } from './named-tool-as-required.ts'
import { noMessageNames } from './no-message-names.ts'
import { noNullContent } from './no-null-content.ts'
import { noParallelFlag } from './no-parallel-flag.ts'
import { noStreamOptions } from './no-stream-options.ts'
import { noTextFormat } from './no-text-format.ts'
import { noToolChoice, noToolChoiceNone } from './no-tool-choice.ts'
import { noZeroPenalties } from './no-zero-penalties.ts'
import { oneTokenLimit } from './one-token-limit.ts'
import { prefillAsPartial } from './prefill-as-partial.ts'
import { noReasoningHistory, reasoningAsReasoning, reasoningReplay } from './reasoning.ts'
import { reasoningAsContent } from './reasoning-as-content.ts'
import { refuseOverflow } from './refuse-overflow.ts'
import { refusedFields } from './refused-fields.ts'
import { renamedFields } from './renamed-fields.ts'
import { requiredAsAny } from './required-as-any.ts'
import { shortToolIds } from './short-tool-ids.ts'
import { formatAsValue, noFullTopP, noTextBesideCalls, stopAsList } from './strict-forms.ts'
import { thinkingSwitches } from './thinking-switch.ts'
import { toolStream } from './tool-stream.ts'
import { wholeTools } from './whole-tools.ts'

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
  reasoningAsContent,
  noMessageNames,
  requiredAsAny,
  wholeTools,
  audioAsBase64,
  noTextFormat,
  refuseOverflow,
  noZeroPenalties,
  demandTiers,
  toolStream,
  noNullContent,
  logprobsAsNumber,
  prefillAsPartial,
  oneTokenLimit,
  effortDefault,
  ...refusedFields,
  ...renamedFields,
  ...narrowRanges,
  ...thinkingSwitches,
  stopAsList,
  noFullTopP,
  formatAsValue,
  noTextBesideCalls,
]

/** Deviations of hosts that speak chat completions, by id. A provider lists those it has. */
export const chatQuirks: { readonly [id: string]: Quirk } = Object.fromEntries(
  all.map(quirk => [quirk.id, quirk]),
)
