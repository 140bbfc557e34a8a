import type { Feature } from '../providers/profile.ts'

/** Something a caller can ask for, as the rows of the translation table. */
export interface TranslatedFeature {
  readonly id: string
  /** A few words for people. */
  readonly title: string
  /** The name under which profiles say whether a model has it. */
  readonly profile?: Feature
  /** What it becomes where the gateway fetches for targets; where they lack that too, or nothing is fetched, it is refused. */
  readonly fetchedAs?: Feature
}

/** The rows of the translation table, in the order in which they are shown. */
export const features = [
  { id: 'text', title: 'text, system prompt, several turns' },
  { id: 'stream', title: 'streaming', profile: 'stream' },
  { id: 'candidates', title: 'several candidates', profile: 'candidates' },
  { id: 'max-tokens', title: 'token limit', profile: 'max-tokens' },
  { id: 'stop', title: 'stop sequences', profile: 'stop' },
  { id: 'temperature', title: 'temperature', profile: 'temperature' },
  { id: 'top-p', title: 'top-p', profile: 'top-p' },
  { id: 'top-k', title: 'top-k', profile: 'top-k' },
  { id: 'seed', title: 'seed', profile: 'seed' },
  { id: 'penalties', title: 'penalties', profile: 'penalties' },
  { id: 'logit-bias', title: 'logit bias', profile: 'logit-bias' },
  { id: 'logprobs', title: 'log probabilities', profile: 'logprobs' },
  { id: 'output.json', title: 'JSON without a schema', profile: 'output.json' },
  { id: 'output.json-schema', title: 'JSON by a schema', profile: 'output.json-schema' },
  { id: 'tools', title: 'tools', profile: 'tools' },
  { id: 'tool-loop', title: 'parallel calls with their results' },
  { id: 'tool-result-image', title: 'an image in a tool’s result', profile: 'tool-results.media' },
  { id: 'tools.custom', title: 'free-text tools', profile: 'tools.custom' },
  { id: 'tools.strict', title: 'strict tools', profile: 'tools.strict' },
  { id: 'tool-choice.none', title: 'tool choice: none', profile: 'tool-choice.none' },
  { id: 'tool-choice.required', title: 'tool choice: any', profile: 'tool-choice.required' },
  { id: 'tool-choice.named', title: 'tool choice: one by name', profile: 'tool-choice.named' },
  { id: 'tool-choice.allowed', title: 'tool choice: some of them', profile: 'tool-choice.allowed' },
  { id: 'parallel-tool-calls', title: 'one call at a time', profile: 'parallel-tool-calls' },
  { id: 'web-search', title: 'the provider’s web search' },
  { id: 'reasoning.effort', title: 'reasoning by effort', profile: 'reasoning.effort' },
  { id: 'reasoning.budget', title: 'reasoning by budget', profile: 'reasoning.budget' },
  { id: 'input.image', title: 'images as bytes', profile: 'input.image' },
  { id: 'input.image-url', title: 'images by URL', profile: 'input.image-url', fetchedAs: 'input.image' },
  { id: 'input.audio', title: 'audio', profile: 'input.audio' },
  { id: 'input.file', title: 'files', profile: 'input.file' },
  { id: 'citations', title: 'citations of documents' },
  { id: 'output.audio', title: 'spoken answers', profile: 'output.audio' },
  { id: 'cache', title: 'cache markers' },
  { id: 'user', title: 'who the end user is' },
  { id: 'metadata', title: 'metadata' },
  { id: 'service-tier', title: 'service tier' },
  { id: 'verbosity', title: 'verbosity' },
] as const satisfies readonly TranslatedFeature[]

export type FeatureId = (typeof features)[number]['id']

/**
 * What becomes of a feature on its way: `native` the target has a word for it, `emulated` we do it for the target,
 * `approximated` something near is asked for, `dropped` a hint that is left out with a note, `refused` a 400.
 */
export type TranslationLevel = 'native' | 'emulated' | 'approximated' | 'dropped' | 'refused'

export const levels = ['native', 'emulated', 'approximated', 'dropped', 'refused'] as const

/** A level, and for the others the field that the note or the 400 names in the caller's words. */
export interface Cell {
  readonly level: TranslationLevel
  readonly path?: string
}

/** Reads a cell as it stands in the table: `native`, `emulated n`. */
export function parseCell(text: string): Cell {
  const [level, path] = text.split(' ')
  const known = levels.find(one => one === level) ?? 'refused'
  return path === undefined ? { level: known } : { level: known, path }
}

export const writeCell = ({ level, path }: Cell): string => (path === undefined ? level : `${level} ${path}`)
