import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { GenerateRequest, Reasoning } from '../../ir/request.ts'
import type { ToolChoice } from '../../ir/tool.ts'
import { isObject, own } from '../../wire/json.ts'
import { decodeThinking, encodeThinking } from './thinking.ts'
import { ownExtra, withExtra } from './wire.ts'

/** Keys from an object down to a value. */
type Path = readonly string[]

/**
 * How a family of models names what this wire leaves to it (`additionalModelRequestFields`, card 4). The profile says
 * which one a model speaks (`vocabulary`): to another model the same fields are an error.
 */
interface Vocabulary {
  readonly topK?: Path
  /** Where an effort stands, and what stands beside it. Absent: the wire's own `outputConfig.effort`. */
  readonly effort?: Path
  readonly beside?: JsonObject
  /** What switches reasoning off. */
  readonly off?: JsonObject
  /** Reasoning is switched by `thinking`, and a choice of tools can forbid parallel calls. */
  readonly thinks?: true
}

const vocabularies: { readonly [name: string]: Vocabulary } = {
  thinking: { topK: ['top_k'], thinks: true },
  'reasoning-config': {
    topK: ['inferenceConfig', 'topK'],
    effort: ['reasoningConfig', 'maxReasoningEffort'],
    beside: { reasoningConfig: { type: 'enabled' } },
    off: { reasoningConfig: { type: 'disabled' } },
  },
  'reasoning-effort': { effort: ['reasoning_effort'] },
  'reasoning-object': { effort: ['reasoning', 'effort'] },
}

/** The first key of a vocabulary's fields tells it from the others. */
const signs: readonly (readonly [string, string])[] = [
  ['thinking', 'thinking'],
  ['tool_choice', 'thinking'],
  ['top_k', 'thinking'],
  ['reasoningConfig', 'reasoning-config'],
  ['inferenceConfig', 'reasoning-config'],
  ['reasoning_effort', 'reasoning-effort'],
  ['reasoning', 'reasoning-object'],
]

function valueAt(fields: JsonObject, path: Path | undefined): unknown {
  if (path === undefined) return undefined
  return path.reduce<unknown>(
    (value, key) => (isObject(value as JsonObject) ? own(value as JsonObject, key) : undefined), // any value: asked before it is read
    fields,
  )
}

const switchedOff: Reasoning = { mode: 'off' }

const decodeSwitch = (fields: JsonObject, words: Vocabulary | undefined): Reasoning | undefined =>
  words?.thinks && isObject(fields.thinking) ? decodeThinking(fields.thinking) : undefined

/** Whether an object says everything that another one does. */
const holds = (fields: JsonObject, wanted: JsonObject): boolean =>
  Object.entries(wanted).every(([key, value]) => {
    const own = fields[key]
    return isObject(own) && isObject(value) ? holds(own, value) : own === value
  })

/** An object that holds this value at the end of the path. */
const nest = (path: Path, value: string | number): JsonObject =>
  path.reduceRight<JsonObject | string | number>((inner, key) => ({ [key]: inner }), value) as JsonObject // a path is not empty

export interface DecodedFields {
  readonly vocabulary?: string
  readonly topK?: number
  readonly effort?: string
  readonly reasoning?: Reasoning
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: false
}

/** What the model's own fields say in the words of the model; the object itself stays an extra beside it. */
export function decodeModelFields(fields: JsonObject): DecodedFields {
  const vocabulary = signs.find(([key]) => fields[key] !== undefined)?.[1]
  const words = vocabulary === undefined ? undefined : vocabularies[vocabulary]
  const topK = valueAt(fields, words?.topK)
  const effort = valueAt(fields, words?.effort)
  const isOff = words?.off !== undefined && holds(fields, words.off)
  return defined({
    vocabulary,
    topK: typeof topK === 'number' ? topK : undefined,
    effort: typeof effort === 'string' ? effort : undefined,
    reasoning: isOff ? switchedOff : decodeSwitch(fields, words),
    ...(words?.thinks && isObject(fields.tool_choice) ? decodeSequential(fields.tool_choice) : {}),
  })
}

const modes: { readonly [type: string]: 'auto' | 'required' } = { auto: 'auto', any: 'required' }

/** A choice of tools that forbids parallel calls, which the wire itself cannot say. */
function decodeSequential(choice: JsonObject): Pick<DecodedFields, 'toolChoice' | 'parallelToolCalls'> {
  if (choice.disable_parallel_tool_use !== true) return {}
  const { type, name } = choice
  if (type === 'tool' && typeof name === 'string') {
    return { parallelToolCalls: false, toolChoice: { mode: 'tool', tool: { kind: 'function', name } } }
  }
  const mode = typeof type === 'string' ? own(modes, type) : undefined
  return mode === undefined ? {} : { parallelToolCalls: false, toolChoice: { mode } }
}

export interface WrittenFields {
  /** `additionalModelRequestFields`, with what the same wire said before. */
  readonly fields: JsonObject
  /** `outputConfig.effort`. */
  readonly effort?: string
  /** Tokens set aside for thinking. */
  readonly budget?: number
  /** The choice of tools stands in the fields. */
  readonly saysChoice: boolean
  /** The model takes back only reasoning that it signed. */
  readonly signedOnly: boolean
  /** The model tells which stop sequence ended its answer, if it is asked. */
  readonly tellsStop: boolean
}

/** Whether the model takes back only reasoning that it signed. */
export const isSignedOnly = (request: GenerateRequest): boolean => wordsOf(request).thinks === true

const wordsOf = (request: GenerateRequest): Vocabulary => own(vocabularies, request.vocabulary ?? '') ?? {}

/** Sampling, reasoning and calls as this model names them. What it has no name for is dropped with a note. */
export function encodeModelFields(
  request: GenerateRequest,
  messages: readonly JsonObject[],
  notes: Notes,
): WrittenFields {
  const words = wordsOf(request)
  const { effort, thinking, budget } = words.thinks
    ? encodeThinking(request.reasoning, messages, notes)
    : { ...encodeEffort(request.reasoning, words, notes), thinking: undefined, budget: undefined }
  const sequential = words.thinks && budget === undefined ? encodeSequential(request) : undefined
  noteSequential(request, words, budget !== undefined, notes)
  const written = defined({ thinking, tool_choice: sequential })
  const parts: readonly JsonObject[] = [
    written,
    encodeTopK(request, words, budget !== undefined, notes),
    'fields' in effort ? effort.fields : {},
  ]
  const fields = parts.reduce<JsonObject>((all, part) => withExtra(all, part), {})
  const before = ownExtra(request)?.additionalModelRequestFields
  return defined({
    fields: isObject(before) ? withExtra(fields, before) : fields,
    effort: 'word' in effort ? effort.word : undefined,
    budget,
    saysChoice: sequential !== undefined,
    signedOnly: words.thinks === true,
    tellsStop: words.thinks === true,
  })
}

function encodeTopK(request: GenerateRequest, words: Vocabulary, thinks: boolean, notes: Notes): JsonObject {
  const { topK } = request.sampling
  if (topK === undefined) return {}
  if (words.topK !== undefined && !thinks) return nest(words.topK, topK)
  const reason = thinks ? 'thinking with a budget does not go with it here' : unnamed('top_k')
  notes.add('dropped', 'sampling.topK', reason)
  return {}
}

const unnamed = (what: string): string =>
  `the wire leaves ${what} to each model, and how this one names it is not known; name its family in the configuration`

/** An effort where it goes: a field of the model, or the word of the wire. */
type Effort = { readonly fields: JsonObject } | { readonly word: string | undefined }

function encodeEffort(
  reasoning: Reasoning | undefined,
  words: Vocabulary,
  notes: Notes,
): { readonly effort: Effort } {
  if (reasoning === undefined) return { effort: { word: undefined } }
  notes.foreign(reasoning, 'reasoning')
  const { effort, budget, mode, summary } = reasoning
  const isOff = effort === 'none' || (mode === 'off' && effort === undefined)
  if (budget !== undefined) notes.add('dropped', 'reasoning.budget', unnamed('a budget of thinking'))
  if (summary !== undefined) notes.add('dropped', 'reasoning.summary', 'there is no choice of summary here')
  if (mode !== undefined && !(mode === 'off' && isOff && words.off !== undefined)) {
    notes.add('dropped', 'reasoning.mode', unnamed('switching reasoning'))
  }
  if (isOff && words.off !== undefined) {
    if (effort !== undefined) notes.add('renamed', 'reasoning.effort', 'no effort is reasoning disabled here')
    return { effort: { fields: words.off } }
  }
  if (effort === undefined) return { effort: { word: undefined } }
  if (words.effort !== undefined) {
    return { effort: { fields: withExtra(nest(words.effort, effort), words.beside) } }
  }
  return { effort: { word: wireEffort(effort, notes) } }
}

/** SDK 3.1164 `OutputConfig.effort`: low to max. */
function wireEffort(effort: string, notes: Notes): string | undefined {
  if (effort === 'none') {
    notes.add('dropped', 'reasoning.effort', unnamed('switching reasoning off'))
    return undefined
  }
  if (effort !== 'minimal') return effort
  notes.add('approximated', 'reasoning.effort', 'the lowest effort here is low')
  return 'low'
}

const choiceTypes = { auto: 'auto', required: 'any' } as const // a table of literals

/** The choice of tools with parallel calls forbidden; undefined where it does not have to be said this way. */
function encodeSequential(request: GenerateRequest): JsonObject | undefined {
  const { toolChoice, parallelToolCalls, tools } = request
  if (parallelToolCalls !== false || !tools?.length || toolChoice?.mode === 'none') return undefined
  const named =
    toolChoice?.mode === 'tool'
      ? { type: 'tool', name: toolChoice.tool.name }
      : { type: choiceTypes[toolChoice?.mode ?? 'auto'] }
  return { ...named, disable_parallel_tool_use: true }
}

function noteSequential(request: GenerateRequest, words: Vocabulary, thinks: boolean, notes: Notes): void {
  if (request.parallelToolCalls !== false || !request.tools?.length) return
  if (request.toolChoice?.mode === 'none') return
  if (words.thinks !== true) notes.add('dropped', 'parallelToolCalls', unnamed('parallel calls'))
  else if (thinks)
    notes.add('dropped', 'parallelToolCalls', 'thinking with a budget does not go with it here')
}
