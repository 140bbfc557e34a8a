import {
  isObject,
  isSet,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  own,
  textAt,
} from '../json.ts'
import * as media from '../media.ts'
import type { Effort, Model } from '../models.ts'
import type { Format, Media, PastCall, Question, Sampling, Tool, ToolChoice, Turn } from '../question.ts'

/** A validated body of chat as a question. */
export function chatQuestion(body: JsonObject, model: Model): Question {
  return {
    model,
    turns: objectsAt(body, 'messages').map(turnOf),
    tools: [...objectsAt(body, 'tools').map(toolOf), ...objectsAt(body, 'functions').map(functionOf)],
    choice: choiceOf(body),
    parallel: own(body, 'parallel_tool_calls') !== false && !isSet(body, 'functions'),
    format: formatOf(objectAt(body, 'response_format')),
    sampling: samplingOf(body),
    effort: effortOf(model, textAt(body, 'reasoning_effort')),
    verbosity: verbosityOf(textAt(body, 'verbosity')),
    limit:
      numberAt(body, 'max_completion_tokens') ?? numberAt(body, 'max_tokens') ?? Number.POSITIVE_INFINITY,
    stop: stopOf(body),
    count: numberAt(body, 'n') ?? 1,
    banned: bannedOf(body),
  }
}

export const samplingOf = (body: JsonObject): Sampling => ({
  temperature: numberAt(body, 'temperature') ?? 1,
  topP: numberAt(body, 'top_p') ?? 1,
  seed: numberAt(body, 'seed') ?? 0,
  presence: numberAt(body, 'presence_penalty') ?? 0,
  frequency: numberAt(body, 'frequency_penalty') ?? 0,
})

/** A reasoning model thinks at medium effort unless told otherwise; another does not think. */
export const effortOf = (model: Model, asked: string | null): Effort =>
  model.efforts === null ? 'none' : (model.efforts.find(effort => effort === asked) ?? 'medium')

export const verbosityOf = (asked: string | null): Question['verbosity'] =>
  asked === 'low' || asked === 'high' ? asked : 'medium'

/** The tier that was used: `auto` is the default one, and OpenAI calls its fast tier by its older name. */
export const tierOf = (asked: string | null): string => {
  if (asked === null || asked === 'auto') return 'default'
  return asked === 'fast' ? 'priority' : asked
}

/** An empty stop sequence would stop everything: it is not one. */
export function stopOf(body: JsonObject): readonly string[] {
  const stop = own(body, 'stop')
  const all = typeof stop === 'string' ? [stop] : listAt(body, 'stop')
  return all.filter(one => typeof one === 'string' && one !== '').map(one => String(one).toWellFormed())
}

export function bannedOf(body: JsonObject): ReadonlySet<number> {
  const biases = Object.entries(objectAt(body, 'logit_bias') ?? {})
  return new Set(biases.filter(([, bias]) => bias === -100).map(([id]) => Number(id)))
}

function formatOf(format: JsonObject | null): Format {
  if (format && textAt(format, 'type') === 'json_object') return { kind: 'json' }
  const described = format && objectAt(format, 'json_schema')
  if (!described) return { kind: 'text' }
  const schema = objectAt(described, 'schema')
  return schema ? { kind: 'schema', schema } : { kind: 'json' }
}

const ROLES: Readonly<Record<string, Turn['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
}

function turnOf(message: JsonObject): Turn {
  const role = textAt(message, 'role') ?? 'user'
  const content = own(message, 'content')
  const parts = objectsAt(message, 'content')
  const said = typeof content === 'string' ? content : parts.map(textOfPart).filter(Boolean).join('\n')
  const refused = said === '' ? (textAt(message, 'refusal') ?? '') : said
  const name = textAt(message, 'name')
  return {
    role: ROLES[role] ?? 'user',
    spoken: role,
    name: name?.toWellFormed() ?? null,
    text: refused.toWellFormed(),
    media: parts.flatMap(mediaOfPart),
    calls: callsOf(message),
    answers: textAt(message, 'tool_call_id') ?? (role === 'function' ? name : null),
  }
}

const textOfPart = (part: JsonObject): string => textAt(part, 'text') ?? textAt(part, 'refusal') ?? ''

function mediaOfPart(part: JsonObject): readonly Media[] {
  const inside = (key: string) => objectAt(part, key) ?? {}
  switch (textAt(part, 'type')) {
    case 'image_url':
      return [media.image(textAt(inside('image_url'), 'url'), textAt(inside('image_url'), 'detail'))]
    case 'input_audio':
      return [media.audio(textAt(inside('input_audio'), 'data'), textAt(inside('input_audio'), 'format'))]
    case 'file':
      return [media.file(textAt(inside('file'), 'file_data'), textAt(inside('file'), 'filename'))]
    default:
      return []
  }
}

function callsOf(message: JsonObject): readonly PastCall[] {
  const legacy = objectAt(message, 'function_call')
  const calls = objectsAt(message, 'tool_calls').map(call => {
    const inside = objectAt(call, 'function') ?? objectAt(call, 'custom') ?? {}
    return {
      id: textAt(call, 'id') ?? '',
      name: textAt(inside, 'name') ?? '',
      input: textAt(inside, 'arguments') ?? textAt(inside, 'input') ?? '',
    }
  })
  if (!legacy) return calls
  const name = textAt(legacy, 'name') ?? ''
  return [...calls, { id: name, name, input: textAt(legacy, 'arguments') ?? '' }]
}

function toolOf(tool: JsonObject): Tool {
  const custom = objectAt(tool, 'custom')
  if (!custom) return functionOf(objectAt(tool, 'function') ?? {})
  const grammar = objectAt(objectAt(custom, 'format') ?? {}, 'grammar') ?? {}
  return {
    kind: 'custom',
    name: textAt(custom, 'name') ?? '',
    description: textAt(custom, 'description') ?? '',
    pattern: textAt(grammar, 'syntax') === 'regex' ? textAt(grammar, 'definition') : null,
  }
}

export const functionOf = (tool: JsonObject): Tool => ({
  kind: 'function',
  name: textAt(tool, 'name') ?? '',
  description: textAt(tool, 'description') ?? '',
  parameters: objectAt(tool, 'parameters'),
  strict: own(tool, 'strict') === true,
})

function choiceOf(body: JsonObject): ToolChoice {
  const choice = own(body, 'tool_choice') ?? own(body, 'function_call') ?? 'auto'
  if (choice === 'none' || choice === 'required') return { mode: choice, among: null }
  if (!isObject(choice)) return { mode: 'auto', among: null }
  const allowed = objectAt(choice, 'allowed_tools')
  if (!allowed) return { mode: 'required', among: new Set([nameIn(choice)]) }
  const mode = textAt(allowed, 'mode') === 'required' ? 'required' : 'auto'
  return { mode, among: new Set(objectsAt(allowed, 'tools').map(nameIn)) }
}

/** The name in a reference to a tool: nested for tools, flat for the deprecated functions. */
export const nameIn = (reference: JsonObject): string =>
  textAt(objectAt(reference, 'function') ?? objectAt(reference, 'custom') ?? reference, 'name') ?? ''
