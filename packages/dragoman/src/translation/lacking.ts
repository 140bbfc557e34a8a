import type { Feature } from '../providers/profile.ts'
import type { TranslationLevel } from './feature.ts'

/**
 * What becomes of a feature that a model does not have although its wire has a word for it, by the default policy.
 * Tested against the code as the table is. What is not here is sent all the same: its profile only informs.
 */
export const lacking: { readonly [F in Feature]?: TranslationLevel } = {
  stream: 'emulated',
  candidates: 'emulated',
  stop: 'emulated',
  temperature: 'dropped',
  'top-p': 'dropped',
  'top-k': 'dropped',
  seed: 'dropped',
  penalties: 'dropped',
  'logit-bias': 'refused',
  logprobs: 'refused',
  'output.json': 'emulated',
  'output.json-schema': 'emulated',
  'output.audio': 'refused',
  tools: 'refused',
  'tools.custom': 'emulated',
  'tools.strict': 'dropped',
  'tool-choice.none': 'emulated',
  'tool-choice.required': 'approximated',
  'tool-choice.named': 'emulated',
  'tool-choice.allowed': 'emulated',
  'parallel-tool-calls': 'dropped',
  'reasoning.effort': 'dropped',
  'reasoning.budget': 'dropped',
  'input.image': 'refused',
  'input.image-url': 'emulated',
  'input.audio': 'refused',
  'input.file': 'refused',
}
