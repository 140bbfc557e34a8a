import type { Fields } from '../../core/codec/fields.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Annotation, Part, TextPart, ToolCallPart } from '../../ir/part.ts'
import { citesText, contentIndexOf, decodeCitation, rangeOf } from './citations.ts'
import { planMark } from './content.ts'
import { fieldsOf, object, objects, text } from './fields.ts'
import { textOf } from './wire.ts'

/** Calls without arguments are `"null"` in whole answers and `""` in streams (trap COH-08). */
export function decodeArguments(wire: string): string {
  return wire === 'null' || wire === '' ? '{}' : wire
}

export function decodeToolCall(wire: JsonObject, path: string, faults: Fault[]): ToolCallPart {
  const fields = fieldsOf(wire, path, faults)
  fields.take('type', text)
  const inner = fields.inside('function', fields.need('function', object, {}))
  const call = {
    kind: 'tool-call',
    type: 'function',
    id: fields.need('id', text, ''),
    name: inner.need('name', text, ''),
    arguments: decodeArguments(inner.want('arguments', text) ?? ''),
  } as const // the kind and the type are literals
  fields.keepRest('function', inner)
  return defined({ ...call, extra: fields.extra() })
}

/**
 * What an assistant says, of a history or of an answer: its content, then its plan, then its calls. The plan is the
 * model's thinking about which tools to use (SDK 8.1.0: "a chain-of-thought style reflection and plan"), so it is
 * thinking to everybody else and never shows up in an answer's text.
 */
export function decodeAssistant(fields: Fields, content: readonly Part[]): readonly Part[] {
  const plan = textOf(fields.peek('tool_plan')) === '' ? undefined : fields.take('tool_plan', text)
  const calls = fields.take('tool_calls', objects)
  // An empty list is said by some answers and not by others.
  if (calls?.length === 0) fields.keep('tool_calls', [])
  const path = fields.pathOf('tool_calls')
  const parts: readonly Part[] = [
    ...decodeCitations(fields, content),
    ...(plan === undefined ? [] : [{ kind: 'thinking', text: plan, extra: planMark } as const]), // the kind is a literal
    ...(calls ?? []).map((call, index) => decodeToolCall(call, `${path}[${index}]`, fields.faults)),
  ]
  return parts
}

/** The content with its citations; those on the plan or on thinking stay extras, where only this wire finds them. */
function decodeCitations(fields: Fields, content: readonly Part[]): readonly Part[] {
  const citations = fields.take('citations', objects)
  if (citations === undefined) return content
  const found = new Map<number, Annotation[]>()
  const rest: JsonObject[] = []
  for (const citation of citations) {
    const index = findCited(citation, content)
    const part = index === undefined ? undefined : content[index]
    if (index === undefined || part?.kind !== 'text') rest.push(citation)
    else found.set(index, [...(found.get(index) ?? []), ...decodeCitation(citation, part.text)])
  }
  if (rest.length > 0 || citations.length === 0) fields.keep('citations', rest)
  return content.map((part, index) => {
    const annotations = found.get(index)
    return annotations === undefined || part.kind !== 'text' ? part : { ...part, annotations }
  })
}

/**
 * The content item a citation is on: the one it names, else the first text that has its words where it says (recorded
 * answers name none), else the first text.
 */
function findCited(citation: JsonObject, content: readonly Part[]): number | undefined {
  if (!citesText(citation)) return undefined
  const named = contentIndexOf(citation)
  if (named !== undefined) return content[named]?.kind === 'text' ? named : undefined
  const isText = (part: Part): part is TextPart => part.kind === 'text'
  const exact = content.findIndex(part => isText(part) && covers(citation, part.text))
  const index = exact < 0 ? content.findIndex(isText) : exact
  return index < 0 ? undefined : index
}

function covers(citation: JsonObject, said: string): boolean {
  const range = rangeOf(citation, said)
  return range !== undefined && said.slice(range.start, range.end) === citation.text
}
