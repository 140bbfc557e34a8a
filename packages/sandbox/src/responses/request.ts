import { effortOf, functionOf, nameIn, samplingOf, verbosityOf } from '../chat/request.ts'
import { isObject, isSet, type JsonObject, numberAt, objectAt, objectsAt, own, textAt } from '../json.ts'
import * as media from '../media.ts'
import type { Model } from '../models.ts'
import type { Format, Media, PastCall, Question, Tool, ToolChoice, Turn } from '../question.ts'

/** A validated body of Responses as a question. */
export function responseQuestion(body: JsonObject, model: Model): Question {
  return {
    model,
    turns: turnsOf(body),
    tools: objectsAt(body, 'tools').map(toolOf),
    choice: choiceOf(body),
    parallel: own(body, 'parallel_tool_calls') !== false,
    format: formatOf(objectAt(objectAt(body, 'text') ?? {}, 'format')),
    sampling: samplingOf(body),
    effort: effortOf(model, textAt(objectAt(body, 'reasoning') ?? {}, 'effort')),
    verbosity: verbosityOf(textAt(objectAt(body, 'text') ?? {}, 'verbosity')),
    limit: numberAt(body, 'max_output_tokens') ?? Number.POSITIVE_INFINITY,
    stop: [],
    count: 1,
    banned: new Set(),
  }
}

const SILENT = { name: null, text: '', media: [], calls: [], answers: null } as const

function turnsOf(body: JsonObject): readonly Turn[] {
  const turns: Turn[] = []
  const instructions = textAt(body, 'instructions')
  if (instructions !== null)
    turns.push({ ...SILENT, role: 'system', spoken: 'system', text: instructions.toWellFormed() })
  const input = textAt(body, 'input')
  if (input !== null) turns.push({ ...SILENT, role: 'user', spoken: 'user', text: input.toWellFormed() })
  for (const item of objectsAt(body, 'input')) addItem(turns, item)
  return turns
}

function addItem(turns: Turn[], item: JsonObject): void {
  switch (textAt(item, 'type') ?? 'message') {
    case 'message':
      turns.push(messageTurn(item))
      break
    case 'function_call':
      addCall(turns, item, textAt(item, 'arguments') ?? '')
      break
    case 'custom_tool_call':
      addCall(turns, item, textAt(item, 'input') ?? '')
      break
    case 'function_call_output':
    case 'custom_tool_call_output':
      turns.push({
        ...SILENT,
        ...readContent(item, 'output'),
        role: 'tool',
        spoken: 'tool',
        answers: textAt(item, 'call_id'),
      })
      break
    default:
      // Reasoning and the items of hosted tools are read past.
      break
  }
}

/** Calls belong to the turn that made them, as on chat. */
function addCall(turns: Turn[], item: JsonObject, input: string): void {
  const call: PastCall = { id: textAt(item, 'call_id') ?? '', name: textAt(item, 'name') ?? '', input }
  const last = turns.at(-1)
  if (last?.role === 'assistant') turns[turns.length - 1] = { ...last, calls: [...last.calls, call] }
  else turns.push({ ...SILENT, role: 'assistant', spoken: 'assistant', calls: [call] })
}

function messageTurn(item: JsonObject): Turn {
  const spoken = textAt(item, 'role') ?? 'user'
  const role = spoken === 'assistant' || spoken === 'user' ? spoken : 'system'
  return { ...SILENT, ...readContent(item, 'content'), role, spoken }
}

function readContent(
  item: JsonObject,
  key: string,
): { readonly text: string; readonly media: readonly Media[] } {
  const plain = textAt(item, key)
  const parts = objectsAt(item, key)
  const said = parts.map(part => textAt(part, 'text') ?? textAt(part, 'refusal') ?? '').filter(Boolean)
  return { text: (plain ?? said.join('\n')).toWellFormed(), media: parts.flatMap(mediaOf) }
}

function mediaOf(part: JsonObject): readonly Media[] {
  switch (textAt(part, 'type')) {
    case 'input_image':
      return [media.image(textAt(part, 'image_url'), textAt(part, 'detail'))]
    case 'input_file':
      return [media.file(textAt(part, 'file_data') ?? textAt(part, 'file_url'), textAt(part, 'filename'))]
    case 'input_audio': {
      const sound = objectAt(part, 'input_audio') ?? {}
      return [media.audio(textAt(sound, 'data'), textAt(sound, 'format'))]
    }
    default:
      return []
  }
}

function toolOf(tool: JsonObject): Tool {
  if (textAt(tool, 'type') !== 'custom') return functionOf(tool)
  const format = objectAt(tool, 'format') ?? {}
  return {
    kind: 'custom',
    name: textAt(tool, 'name') ?? '',
    description: textAt(tool, 'description') ?? '',
    pattern: textAt(format, 'syntax') === 'regex' ? textAt(format, 'definition') : null,
  }
}

function choiceOf(body: JsonObject): ToolChoice {
  const choice = own(body, 'tool_choice') ?? 'auto'
  if (choice === 'none' || choice === 'required') return { mode: choice, among: null }
  if (!isObject(choice)) return { mode: 'auto', among: null }
  if (!isSet(choice, 'tools')) return { mode: 'required', among: new Set([nameIn(choice)]) }
  const mode = textAt(choice, 'mode') === 'required' ? 'required' : 'auto'
  return { mode, among: new Set(objectsAt(choice, 'tools').map(nameIn)) }
}

function formatOf(format: JsonObject | null): Format {
  const schema = format && objectAt(format, 'schema')
  if (schema) return { kind: 'schema', schema }
  return format && textAt(format, 'type') === 'json_object' ? { kind: 'json' } : { kind: 'text' }
}
