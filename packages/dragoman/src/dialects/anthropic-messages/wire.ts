import type { Speaker } from '../../core/codec/notes.ts'
import type { Extra, Node } from '../../ir/extra.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'

export const dialect = 'anthropic-messages' as const // so that it does not widen to string in object literals

export const speaker: Speaker = { dialect, subject: 'Messages has' }

/** Blocks that the provider runs or makes for itself; the client echoes them and never acts on them (SDK 1.12.0, beta content block union). */
const hostedTypes: ReadonlySet<string> = new Set([
  'server_tool_use',
  'mcp_tool_use',
  'mcp_tool_result',
  'mcp_tool_listing',
  'advisor_tool_result',
  'compaction',
  'fallback',
])

/** Whether a block of this type is the provider's own doing. Results of server tools come and go, their suffix stays. */
export function isHostedType(type: string): boolean {
  return hostedTypes.has(type) || (type !== 'tool_result' && type.endsWith('_tool_result'))
}

/** What this dialect itself said about a node beyond the model's words. */
export function ownExtra(node: Node): JsonObject | undefined {
  return node.extra?.[dialect]
}

/** The extra of these fields; undefined where there are none. */
export function asExtra(fields: JsonObject): Extra | undefined {
  return Object.keys(fields).length === 0 ? undefined : { [dialect]: fields }
}

/** A wire object with this dialect's extras put back. What the model says wins over an extra of the same name. */
export function withExtra(core: JsonObject, extra: JsonObject | undefined): JsonObject {
  return extra === undefined ? core : { ...core, ...extra, ...core }
}

/** A nested wire object with what the extras say of it put back. */
export function merged(core: JsonObject, extra: JsonValue | undefined): JsonObject {
  return isObject(extra) ? withExtra(core, extra) : core
}
