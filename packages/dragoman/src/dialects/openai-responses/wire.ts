import type { Speaker } from '../../core/codec/notes.ts'
import type { DialectId, Node } from '../../ir/extra.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'

export const dialect = 'openai-responses' satisfies DialectId

export const speaker: Speaker = { dialect, subject: 'Responses has' }

/**
 * Progress events that openai-node's stream helper knows (`supportedResponseEventTypes` of its response accumulator,
 * 7.57.0). It throws on any other type, so no other is ever written.
 */
export const progressEvents: ReadonlySet<string> = new Set([
  'response.audio.delta',
  'response.audio.done',
  'response.audio.transcript.delta',
  'response.audio.transcript.done',
  'response.code_interpreter_call.completed',
  'response.code_interpreter_call.in_progress',
  'response.code_interpreter_call.interpreting',
  'response.code_interpreter_call_code.delta',
  'response.code_interpreter_call_code.done',
  'response.compaction.compacting',
  'response.file_search_call.completed',
  'response.file_search_call.in_progress',
  'response.file_search_call.searching',
  'response.image_generation_call.completed',
  'response.image_generation_call.generating',
  'response.image_generation_call.in_progress',
  'response.image_generation_call.partial_image',
  'response.mcp_call.completed',
  'response.mcp_call.failed',
  'response.mcp_call.in_progress',
  'response.mcp_call_arguments.delta',
  'response.mcp_call_arguments.done',
  'response.mcp_list_tools.completed',
  'response.mcp_list_tools.failed',
  'response.mcp_list_tools.in_progress',
  'response.shell_call_command.added',
  'response.shell_call_command.delta',
  'response.shell_call_command.done',
  'response.shell_call_output_content.delta',
  'response.shell_call_output_content.done',
  'response.web_search_call.completed',
  'response.web_search_call.in_progress',
  'response.web_search_call.searching',
])

type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T]

/** `T` whose optional fields may also be there as `undefined`. */
type Sparse<T> = { [K in keyof T]: K extends OptionalKeys<T> ? T[K] | undefined : T[K] }

/** The same object without the fields that are `undefined`. */
export function present<T extends object>(fields: Sparse<T>): T {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as T // only optional fields may be undefined, and those are gone
}

type Layer = { readonly [name: string]: JsonValue | undefined }

/** One wire object of several, the later ones on top. A field that is `undefined` says nothing and covers nothing. */
export function compose(...layers: readonly Layer[]): JsonObject {
  const entries = layers.flatMap(layer => Object.entries(layer))
  return Object.fromEntries(entries.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined))
}

export function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined
}

/** Everything this dialect left on a node, its marks included. */
export function ownAll(node: Node): JsonObject {
  return node.extra?.[dialect] ?? {}
}

/** The fields this dialect left on a node, to be written back. */
export function ownExtra(node: Node): JsonObject {
  const all = ownAll(node)
  const hasMarks = Object.keys(all).some(isMark)
  return hasMarks ? Object.fromEntries(Object.entries(all).filter(([name]) => !isMark(name))) : all
}

/** A mark is a name that starts with `$`: this decoder's own word to its encoder, never written. */
export function isMark(name: string): boolean {
  return name.startsWith('$')
}

/** Whether a node came from this wire: the extras may be empty, and still say so. */
export function isOwn(node: Node): boolean {
  return node.extra?.[dialect] !== undefined
}
