import type { DialectId, Node } from './extra.ts'
import type { JsonObject } from './json.ts'
import type { TokenLogprob } from './logprob.ts'
import type { Opaque } from './opaque.ts'

/** One piece of a turn or of a reply. Order matters. */
export type Part =
  | TextPart
  | ThinkingPart
  | ToolCallPart
  | ToolResultPart
  | RefusalPart
  | MediaPart
  | HostedToolPart
  | UnknownPart

export type PartKind = Part['kind']

/** What every part may carry. */
export interface PartBase extends Node {
  /** Index into the turn's or candidate's `items`: which wire item this part belongs to (Responses groups parts into items). */
  readonly item?: number
  /** The caller's cache marker after this part. */
  readonly cache?: CacheHint
  /** Opaque state bound to this part (Gemini signs text and calls, not only thoughts). */
  readonly opaque?: Opaque
}

export interface TextPart extends PartBase {
  readonly kind: 'text'
  readonly text: string
  readonly annotations?: readonly Annotation[]
  readonly logprobs?: readonly TokenLogprob[]
}

/**
 * Reasoning. `text` is the reasoning itself where the provider shows it, `summary` the provider's own summary of it.
 * Both may be empty while `opaque` carries the signed, redacted or encrypted form.
 */
export interface ThinkingPart extends PartBase {
  readonly kind: 'thinking'
  readonly text: string
  readonly summary?: readonly string[]
}

/**
 * A call the *client* has to execute. `arguments` is text exactly as the model wrote it: a JSON document for a
 * function (`''` counts as `{}`), free text for a custom tool. It may be invalid JSON.
 */
export interface ToolCallPart extends PartBase {
  readonly kind: 'tool-call'
  readonly type: 'function' | 'custom'
  readonly id: string
  readonly name: string
  readonly arguments: string
}

export interface ToolResultPart extends PartBase {
  readonly kind: 'tool-result'
  readonly type: 'function' | 'custom'
  readonly callId: string
  readonly parts: readonly Part[]
  readonly isError?: boolean
}

export interface RefusalPart extends PartBase {
  readonly kind: 'refusal'
  readonly text: string
  readonly logprobs?: readonly TokenLogprob[]
}

export interface MediaPart extends PartBase {
  readonly kind: 'media'
  readonly media: 'image' | 'audio' | 'file' | 'video'
  readonly source: MediaSource
  /** OpenAI's `detail`: auto, low, high, original. */
  readonly detail?: string
  /** File name or document title. */
  readonly filename?: string
  /** Text of generated audio. */
  readonly transcript?: string
  /** Whether the model is asked to cite this document. */
  readonly citations?: boolean
}

export type MediaSource =
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string; readonly mediaType?: string }
  | { readonly type: 'file-id'; readonly id: string }
  | { readonly type: 'text'; readonly mediaType: string; readonly text: string }

/**
 * A tool that runs at the provider, its call or its result, as that dialect's own wire object. Other dialects have no
 * word for it: it is dropped there with a note, never shown as a tool call the client should run.
 */
export interface HostedToolPart extends PartBase {
  readonly kind: 'hosted-tool'
  readonly dialect: DialectId
  /** The wire type, such as `web_search_call` or `server_tool_use`. */
  readonly type: string
  readonly value: JsonObject
}

/** A part this version has no word for, as that dialect's own wire object. */
export interface UnknownPart extends PartBase {
  readonly kind: 'unknown'
  readonly dialect: DialectId
  readonly type: string
  readonly value: JsonObject
}

/** A cache breakpoint. `ttl` in the words of the dialect it came from (`5m`, `1h`, `30m`, `12h`). */
export interface CacheHint extends Node {
  readonly ttl?: string
}

/** A citation or grounding mark on text. `start` and `end` count UTF-16 code units of the part's text, end exclusive. */
export interface Annotation extends Node {
  readonly type: 'url' | 'file' | 'document' | 'unknown'
  readonly url?: string
  readonly title?: string
  readonly fileId?: string
  readonly filename?: string
  /** Index of the cited document in the request, where the dialect counts them. */
  readonly documentIndex?: number
  readonly citedText?: string
  readonly start?: number
  readonly end?: number
}

/** The wire item a part belongs to, where the dialect has items. */
export interface ItemMeta extends Node {
  readonly type: string
  readonly id?: string
  readonly status?: string
  /** Responses `phase`: commentary or final_answer. */
  readonly phase?: string
}
