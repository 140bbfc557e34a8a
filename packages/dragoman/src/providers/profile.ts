import type { Opaque } from '../ir/opaque.ts'
/** What is known of a provider or model: `native` it does it, `emulated` we do it for it, `absent` it cannot, `unknown` nobody looked. */
export type Level = 'native' | 'emulated' | 'absent' | 'unknown'

/** Why we believe it, strongest first: measured > recorded > documented > assumed. */
export interface Evidence {
  readonly rank: 'measured' | 'recorded' | 'documented' | 'assumed'
  /** Where: a test, a capture, a page, an issue. */
  readonly source: string
  /** ISO date. */
  readonly date: string
}

/**
 * Features of a request that not every upstream has. Those of `turns` are shapes of a history that some wires refuse: a
 * system turn after others, an assistant turn at the end (`prefill`) or at the beginning, two turns of one role in a row,
 * a turn or a text that says nothing, white space at the end of a prefill, a user turn right after tool results, calls of
 * tools that the request no longer declares. `input.media-url` is any medium but an image by its web address.
 */
export type Feature =
  | 'stream'
  | 'candidates'
  | 'stop'
  | 'max-tokens'
  | 'temperature'
  | 'top-p'
  | 'top-k'
  | 'seed'
  | 'penalties'
  | 'logit-bias'
  | 'logprobs'
  | 'output.json'
  | 'output.json-schema'
  | 'tools'
  | 'tools.custom'
  | 'tools.strict'
  | 'tool-choice.none'
  | 'tool-choice.required'
  | 'tool-choice.named'
  | 'tool-choice.allowed'
  | 'parallel-tool-calls'
  | 'reasoning.effort'
  | 'reasoning.budget'
  | 'reasoning.replay'
  | 'role.developer'
  | 'turns.system-inside'
  | 'turns.prefill'
  | 'turns.assistant-first'
  | 'turns.same-role'
  | 'turns.empty'
  | 'turns.trailing-space'
  | 'turns.user-after-results'
  | 'turns.undeclared-tools'
  | 'tool-results.media'
  | 'input.image'
  | 'input.image-url'
  | 'input.media-url'
  | 'input.audio'
  | 'input.file'
  | 'output.audio'
  | 'embed.token-ids'
  | 'embed.dimensions'
  | 'embed.base64'

/** The parts of JSON Schema that wires take; `schema/subsets.ts` says what each is. */
export type SchemaSubsetId =
  | 'openai-strict'
  | 'groq-strict'
  | 'anthropic'
  | 'bedrock'
  | 'gemini'
  | 'gemini-openapi'
  | 'cohere'

/** Which part of JSON Schema a model takes where; absent means all of it. */
export interface SchemaFacts {
  /** The schema of an answer that the target enforces. */
  readonly output?: SchemaSubsetId
  /** A schema of an answer may be any if it is not marked strict: it is then followed as well as the model can. */
  readonly looseOutput?: true
  /** The arguments of tools. */
  readonly tools?: SchemaSubsetId
  /** The arguments of tools marked strict; any other tool takes what `tools` says. */
  readonly strictTools?: SchemaSubsetId
}

/** A claim about one feature, for the models that match, where the request also uses all of `with`. */
export interface Rule {
  readonly feature: Feature
  /** `*` matches any run of characters; absent matches every model. */
  readonly model?: string
  readonly with?: readonly Feature[]
  readonly level: Level
  readonly evidence: Evidence
}

/** Numbers and habits of a model that encoding needs; the last matching entry wins, field by field. */
export interface ModelFacts {
  /** What to send where the dialect requires a limit and the caller named none. */
  readonly maxTokens?: number
  /** How the model takes reasoning: an effort word, a token budget, or effort beside adaptive thinking. */
  readonly reasoning?: 'effort' | 'budget' | 'adaptive'
  /** Tokens of thinking that each effort stands for, where the model takes a budget and its provider says which; ours if absent. */
  readonly budgets?: { readonly [effort: string]: number }
  /** Efforts the model knows, weakest first. */
  readonly efforts?: readonly string[]
  /** Thinking cannot be switched off. */
  readonly alwaysThinks?: boolean
  /** Some of its models write their reasoning into the text, between `<think>` and `</think>`. */
  readonly thinkTags?: boolean
  /** Schemas it takes only a part of. */
  readonly schemas?: SchemaFacts
  /** How it names what its wire leaves to each model (`GenerateRequest.vocabulary`). */
  readonly vocabulary?: string
  /** Most inputs of one call for embeddings, where it is fewer than OpenAI's 2,048. */
  readonly embedInputs?: number
  /** Name of the tokenizer, for counts and for embeddings given as token ids. */
  readonly tokenizer?: string
  /** Models that read each other's opaque state (signatures, encrypted reasoning); absent: each model reads only its own. */
  readonly family?: string
  /** Which ids of tool calls the upstream takes, where it takes fewer than its wire: `[pattern, longest]`. */
  readonly callIds?: { readonly pattern: RegExp; readonly length: number }
  /** What the provider documents to stand for its signature on a call that another model made. */
  readonly callPlaceholder?: Opaque
}

export interface FactRule {
  readonly model?: string
  readonly facts: ModelFacts
  readonly evidence: Evidence
}

export interface Profile {
  /** Later rules win over earlier ones. */
  readonly rules: readonly Rule[]
  readonly facts: readonly FactRule[]
}

/** Whether a model name matches a pattern with `*`. Case matters nowhere in model names. */
export function matchesModel(pattern: string | undefined, model: string): boolean {
  if (pattern === undefined) return true
  const name = model.toLowerCase()
  const pieces = pattern.toLowerCase().split('*')
  const first = pieces[0] ?? ''
  if (pieces.length === 1) return name === first
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  const last = pieces.at(-1) ?? ''
  return name.length - last.length >= at && name.endsWith(last)
}

/** What a profile says of one model. */
interface ModelView {
  readonly facts: ModelFacts
  readonly rules: ReadonlyMap<Feature, readonly Rule[]>
}

function viewModel(profile: Profile, model: string): ModelView {
  let facts: ModelFacts = {}
  for (const entry of profile.facts)
    if (matchesModel(entry.model, model)) facts = { ...facts, ...entry.facts }
  const rules = new Map<Feature, Rule[]>()
  for (const rule of profile.rules) {
    if (!matchesModel(rule.model, model)) continue
    const known = rules.get(rule.feature)
    if (known === undefined) rules.set(rule.feature, [rule])
    else known.push(rule)
  }
  return { facts, rules }
}

/** Callers choose the names of models, so views are not kept without end. */
const mostViews = 1000

const viewsByProfile = new WeakMap<Profile, Map<string, ModelView>>()

/** The view of a model, worked out once: every call asks it some twenty times. */
function viewOf(profile: Profile, model: string): ModelView {
  let views = viewsByProfile.get(profile)
  if (views === undefined) {
    views = new Map()
    viewsByProfile.set(profile, views)
  }
  let view = views.get(model)
  if (view === undefined) {
    view = viewModel(profile, model)
    if (views.size >= mostViews) views.clear()
    views.set(model, view)
  }
  return view
}

/** What the profile says of a feature for a model and the other features of the request. */
export function levelOf(
  profile: Profile,
  model: string,
  feature: Feature,
  used: { has(feature: Feature): boolean },
): Rule | undefined {
  return viewOf(profile, model)
    .rules.get(feature)
    ?.findLast(rule => rule.with?.every(other => used.has(other)) ?? true)
}

/** The facts of a model, all matching entries laid over each other. */
export const factsOf = (profile: Profile, model: string): ModelFacts => viewOf(profile, model).facts
