import type { DialectId, Extra, Node } from '../../ir/extra.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import { foreignFields } from '../../ir/foreign.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Note, NoteKind } from '../../ir/note.ts'
import { isObject } from '../../wire/json.ts'

export const dialect = 'openai-responses' satisfies DialectId

/**
 * Items that a provider-run tool, a compaction or an approval leaves in a conversation: carried as the wire object
 * they are. The union `ResponseInputItem | ResponseOutputItem` of openai-node 7.57.0 without messages, reasoning and
 * the calls a client answers; `x_search_call` was recorded and is in no union. A type that is not here is unknown.
 */
export const hostedItems: ReadonlySet<string> = new Set([
  'additional_tools',
  'apply_patch_call',
  'apply_patch_call_output',
  'code_interpreter_call',
  'compaction',
  'compaction_trigger',
  'computer_call',
  'computer_call_output',
  'configuration_update',
  'file_search_call',
  'image_generation_call',
  'local_shell_call',
  'local_shell_call_output',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'mcp_list_tools',
  'program',
  'program_output',
  'shell_call',
  'shell_call_output',
  'tool_search_call',
  'tool_search_output',
  'web_search_call',
  'x_search_call',
])

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

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

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

/**
 * Reads a wire object field by field. What nobody took is the rest, so that nothing is lost (law 4). `null` counts as
 * absent and stays in the rest; so does a field of the wrong type, which is a fault too: a request is refused for it,
 * a reply is not.
 */
export class Fields {
  readonly object: JsonObject
  readonly path: string
  readonly faults: Fault[]
  private readonly taken = new Set<string>()

  constructor(object: JsonObject, path = '', faults: Fault[] = []) {
    this.object = object
    this.path = path
    this.faults = faults
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }

  string(name: string): string | undefined {
    return this.take(name, 'a string', (value): value is string => typeof value === 'string')
  }

  number(name: string): number | undefined {
    return this.take(name, 'a number', (value): value is number => typeof value === 'number')
  }

  boolean(name: string): boolean | undefined {
    return this.take(name, 'a boolean', (value): value is boolean => typeof value === 'boolean')
  }

  list(name: string): readonly JsonValue[] | undefined {
    return this.take(name, 'an array', isList)
  }

  child(name: string): Fields | undefined {
    const value = this.take(name, 'an object', isObject)
    return value === undefined ? undefined : new Fields(value, this.at(name), this.faults)
  }

  /** A string that has to be there. */
  required(name: string): string {
    const value = this.string(name)
    if (value === undefined && (this.object[name] ?? null) === null) this.missing(name)
    return value ?? ''
  }

  missing(name: string): void {
    this.faults.push(invalid(this.at(name), 'is required'))
  }

  /** Leaves a field out of the rest. */
  drop(...names: readonly string[]): void {
    for (const name of names) this.taken.add(name)
  }

  /** Puts a field that was taken back into the rest. */
  keep(name: string): void {
    this.taken.delete(name)
  }

  rest(): JsonObject {
    return Object.fromEntries(Object.entries(this.object).filter(([name]) => !this.taken.has(name)))
  }

  /** The rest as this dialect's extras, or undefined where there is none. */
  extra(): Extra | undefined {
    const rest = this.rest()
    return Object.keys(rest).length === 0 ? undefined : { [dialect]: rest }
  }

  private take<T extends JsonValue>(
    name: string,
    kind: string,
    fits: (value: JsonValue) => value is T,
  ): T | undefined {
    const value = this.object[name]
    if (value === undefined || value === null) return undefined
    if (!fits(value)) {
      this.faults.push(invalid(this.at(name), `must be ${kind}`))
      return undefined
    }
    this.taken.add(name)
    return value
  }
}

/** The fault for a field of a request: `input[2].role must be ...`. */
export function invalid(path: string, problem: string): Fault {
  return createFault('invalid_request', `\`${path}\` ${problem}.`, { param: path })
}

/** What this dialect left on a node when it decoded it; an empty object still says that the node came from here. */
export function ownExtra(node: Node): JsonObject {
  return node.extra?.[dialect] ?? {}
}

export function isOwn(node: Node): boolean {
  return node.extra?.[dialect] !== undefined
}

/** What an encoder could not say, with the model's path of the node it stands on. */
export class Losses {
  readonly notes: Note[]

  constructor(notes: Note[] = []) {
    this.notes = notes
  }

  add(kind: NoteKind, path: string, reason: string): void {
    this.notes.push({ kind, path, reason })
  }

  /** Fields of other dialects have no word here. */
  foreign(node: { readonly extra?: Extra | undefined }, path: string): void {
    for (const { from, name, kind } of foreignFields(
      node,
      dialect,
      path.startsWith('reply') ? 'reply' : 'request',
    )) {
      const at = path === '' ? name : `${path}.${name}`
      this.add(kind, at, `Responses has no field for what ${from} calls ${name}.`)
    }
  }
}
