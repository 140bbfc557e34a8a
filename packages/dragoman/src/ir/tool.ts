import type { DialectId, Node } from './extra.ts'
import type { JsonObject } from './json.ts'
import type { CacheHint } from './part.ts'

/** A tool the model may call. */
export type Tool = FunctionTool | CustomTool | HostedTool

export interface FunctionTool extends Node {
  readonly kind: 'function'
  readonly name: string
  readonly description?: string
  /** JSON Schema of the arguments; absent means no arguments. */
  readonly parameters?: JsonObject
  readonly strict?: boolean
  readonly cache?: CacheHint
}

/** A tool that takes free text, perhaps constrained by a grammar. */
export interface CustomTool extends Node {
  readonly kind: 'custom'
  readonly name: string
  readonly description?: string
  readonly grammar?: { readonly syntax: string; readonly definition: string }
  readonly cache?: CacheHint
}

/** A tool that the provider runs, as its dialect's own wire object (`web_search`, `computer_20251124`, `mcp`). */
export interface HostedTool extends Node {
  readonly kind: 'hosted'
  readonly dialect: DialectId
  readonly type: string
  readonly value: JsonObject
}

/** Which tools the model may or must use. `allowed` narrows the list without changing it (it keeps the cache prefix). */
export type ToolChoice =
  | ({ readonly mode: 'auto' | 'required' | 'none'; readonly allowed?: readonly ToolReference[] } & Node)
  | ({ readonly mode: 'tool'; readonly tool: ToolReference } & Node)

export interface ToolReference extends Node {
  readonly kind: 'function' | 'custom' | 'hosted'
  readonly name: string
}
