import { isObject, type JsonObject, type JsonValue, own } from '../wire/json.ts'

/** How ids of items begin, by the type of the item. */
const prefixes: { readonly [type: string]: string } = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
}

/** Types whose items have a status once they are stored (openai-node 7.57.0, `ResponseItem`). */
const withStatus: ReadonlySet<string> = new Set(Object.keys(prefixes).filter(type => type !== 'reasoning'))

/** Names items: `owner` is the id, without its prefix, of what they belong to; `tail` makes them different. */
export type NameItem = (prefix: string, index: number) => string

/** Input as its items, in the form in which they are listed: every one with its type, its id and a list of content. */
export function normalizeInput(input: JsonValue | undefined, name: NameItem): readonly JsonObject[] {
  if (typeof input === 'string') return [normalizeItem({ role: 'user', content: input }, 0, name)]
  if (!Array.isArray(input)) return []
  return input.filter(isObject).map((item, index) => normalizeItem(item, index, name))
}

function normalizeItem(item: JsonObject, index: number, name: NameItem): JsonObject {
  const type = typeof item.type === 'string' ? item.type : 'message'
  const id = typeof item.id === 'string' ? item.id : name(own(prefixes, type) ?? 'item', index)
  const status = withStatus.has(type) ? { status: item.status ?? 'completed' } : {}
  const content = type === 'message' ? { content: normalizeContent(item.content, item.role) } : {}
  return { ...item, id, type, ...status, ...content }
}

function normalizeContent(content: JsonValue | undefined, role: JsonValue | undefined): JsonValue {
  if (typeof content !== 'string') return content ?? []
  return role === 'assistant'
    ? [{ type: 'output_text', text: content, annotations: [] }]
    : [{ type: 'input_text', text: content }]
}
