import type { EmbedReply, EmbedRequest } from '../ir/embed.ts'
import type { Event } from '../ir/event.ts'
import type { DialectId } from '../ir/extra.ts'
import type { Fault, Parsed } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import type { Encoded, Note } from '../ir/note.ts'
import type { Part } from '../ir/part.ts'
import type { Reply } from '../ir/reply.ts'
import type { GenerateRequest } from '../ir/request.ts'
import type { Usage } from '../ir/usage.ts'
import type { Frame } from '../wire/frame.ts'
import type { WireEdit } from '../wire/splice.ts'

/** `aws-chunks` is `aws` whose messages hold the events of another wire in base64. */
export type Framing = 'sse' | 'aws' | 'aws-chunks' | 'json-array' | 'ndjson' | 'none'

/**
 * A codec between one wire format and the model, both directions. Stateless; what needs state (a stream) is created
 * per stream. Everything is synchronous. Decoding is tolerant and drops nothing; encoding is strict and says what it
 * could not say (law 3, law 4).
 */
export interface Dialect {
  readonly id: DialectId
  readonly framing: Framing

  /** A parsed request body to the model. Faults name the field in the wire's own words (`messages[0].content`). */
  decodeRequest(wire: JsonObject): Parsed<GenerateRequest>
  /**
   * The model to a request body. A field this wire cannot carry is left out with a note: `refused` where leaving it
   * out changes the meaning, `dropped` where it is a hint; the policy of the call decides whether the call goes on.
   * Note paths are paths of the model (`sampling.seed`, `turns[1].parts[0]`).
   */
  encodeRequest(request: GenerateRequest): Encoded<JsonObject>

  /** A whole answer's body to the model. */
  decodeReply(wire: JsonObject): Parsed<Reply>
  encodeReply(reply: Reply, render: Render): Encoded<JsonObject>
  /** What a relay has to know of a whole answer, without decoding it: whether it is an error after all, and its usage. */
  glance(wire: JsonObject): Glance

  decodeStream(): StreamDecoder
  encodeStream(render: Render): StreamEncoder

  /** Follows a relayed stream without translating it. Tested against the decoder. */
  watchStream(): StreamWatch

  /** An error response of an upstream. Total: any status, any body (HTML, empty, another dialect's shape). */
  decodeError(response: ErrorResponse): Fault
  /** The body, headers and status a client of this dialect expects for this fault. */
  encodeError(fault: Fault, requestId: string): ErrorRendering
  /** The same fault after the status went out, as the bytes of one or more frames, without a normal end. */
  writeFault(fault: Fault): string
  /** Keeps an idle stream alive. `started` tells whether the stream's first frame went out. */
  keepAlive(started: boolean): string
  /**
   * Translates a path of the model into this wire's words, for notes and errors. `request` is what the caller of this
   * wire said: some wires spread the parts of a turn over fields and items, which only their kinds tell apart.
   */
  pathOf(path: string, request?: GenerateRequest): string

  /** What a body of this revision of the wire may not say; absent where the dialect has no revisions. */
  checkRevision?(wire: JsonObject, revision: string | undefined): Fault | undefined
  /** A JSON schema is a guarantee in this dialect, not a best effort that a flag makes strict. */
  readonly guaranteesSchema?: true
  /** How to learn a stream's usage without its caller seeing it; absent where streams always carry usage. */
  readonly quietUsage?: QuietUsage
  /** A request that asks several things at once as one request each; undefined for one that asks one. */
  readonly split?: (request: GenerateRequest) => readonly GenerateRequest[] | undefined
  /** Embeddings, where this dialect has them. */
  readonly embed?: EmbedCodec
  /** Token counting, where this dialect has a request for it. */
  readonly count?: CountCodec
  /** Compaction of a conversation, where this dialect has a request for it. */
  readonly compact?: CompactCodec
  /** Whether a body holds something that only this gateway can read, so that it may not go on as it came. */
  readonly isOurs?: (wire: JsonObject) => boolean
}

export interface Glance {
  readonly fault?: Fault | undefined
  readonly usage?: Usage | undefined
}

/** What an encoder of answers may know. It writes the same bytes for the same render and events. */
export interface Render {
  /** The call's id, unique and unguessable, `[A-Za-z0-9]+`; ids the wire needs are derived from it. */
  readonly id: string
  /** Unix seconds. */
  readonly created: number
  /** How the stream is framed, where it is not as the dialect frames it. */
  readonly framing?: Framing
  /** The request as the caller meant it: echoed by some wires, and it tells what was asked for. */
  readonly request: GenerateRequest
}

export interface StreamDecoder {
  /** Appends the events of one frame. A frame that is not what it should be becomes a `fault` event, never an exception. */
  push(frame: Frame, out: Event[]): void
  /**
   * The upstream closed. Appends what the grammar allows to conclude: nothing after a proper end; `end` where only the
   * terminator is missing but every candidate finished; else a fault `upstream_disconnected`.
   */
  end(out: Event[]): void
}

export interface StreamEncoder {
  /**
   * The bytes (as text; in a binary framing one character a byte) this event becomes, `''` for none. `end` and `fault`
   * close the stream.
   */
  push(event: Event): string
  /** What could not be said, growing as events are pushed. */
  readonly notes: readonly Note[]
}

/**
 * What a frame is to somebody who only watches: `pre` comes before content and may be thrown away, `content` freezes
 * the provider, `usage` is there for usage alone, `fault` is an error in band, `terminal` ends the answer.
 */
export type FrameRole = 'pre' | 'content' | 'usage' | 'fault' | 'terminal' | 'other'

export interface StreamWatch {
  push(frame: Frame): FrameRole
  /** Usage seen so far. */
  readonly usage: Usage | undefined
  /** Every candidate has its finish, so that an end without a terminator is still a whole answer. */
  readonly finished: boolean
}

export interface ErrorResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** At most the first 64 KiB, decoded. */
  readonly body: string
}

export interface ErrorRendering {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: JsonObject
}

export interface QuietUsage {
  /** Edits that ask the upstream for usage; empty where the caller asked already. */
  ask(wire: JsonObject): readonly WireEdit[]
  /** The frame as the caller would have seen it without asking: the same, another one, or nothing. */
  hide(frame: Frame): Frame | undefined
}

export interface EmbedCodec {
  decodeRequest(wire: JsonObject): Parsed<EmbedRequest>
  encodeRequest(request: EmbedRequest): Encoded<JsonObject>
  decodeReply(wire: JsonObject): Parsed<EmbedReply>
  encodeReply(reply: EmbedReply, request: EmbedRequest): Encoded<JsonObject>
}

export interface CompactCodec {
  decodeRequest(wire: JsonObject): Parsed<GenerateRequest>
  encodeRequest(request: GenerateRequest): Encoded<JsonObject>
  decodeReply(wire: JsonObject): Parsed<Reply>
  encodeReply(reply: Reply, render: Render): Encoded<JsonObject>
  /** What such an answer holds where a summary of ours stands for the conversation. */
  compose(request: GenerateRequest, summary: string): readonly Part[]
}

export interface CountCodec {
  decodeRequest(wire: JsonObject): Parsed<GenerateRequest>
  encodeRequest(request: GenerateRequest): Encoded<JsonObject>
  decodeReply(wire: JsonObject): Parsed<number>
  encodeReply(tokens: number): JsonObject
}

/** A table of paths as patterns, and the paths that were renamed by it lately. */
interface Renaming {
  readonly patterns: readonly { readonly pattern: RegExp; readonly to: string }[]
  readonly known: Map<string, string>
}

/** Paths hold numbers that callers choose, so renamed ones are not kept without end. */
const mostKnown = 500

const renamings = new WeakMap<object, Renaming>()

/** Made once a table: paths are renamed on every call that has notes, and they are nearly always the same ones. */
function renamingOf(table: { readonly [path: string]: string }): Renaming {
  let made = renamings.get(table)
  if (made === undefined) {
    const patterns = Object.entries(table).map(([from, to]) => ({
      pattern: new RegExp(`(^|\\.)${from.replaceAll('.', '\\.')}(?=$|[.\\[])`),
      to: `$1${to}`,
    }))
    made = { patterns, known: new Map() }
    renamings.set(table, made)
  }
  return made
}

/**
 * Renames a model path by a table, in the table's order: `turns[2].parts[0]` -> `messages[2].content[0]`. What follows a
 * number sign points into something of the caller's own, such as a schema, and stays as it is.
 */
export function renamePath(table: { readonly [path: string]: string }, path: string): string {
  const at = path.indexOf('#')
  if (at >= 0) return renamePath(table, path.slice(0, at)) + path.slice(at)
  const { patterns, known } = renamingOf(table)
  let renamed = known.get(path)
  if (renamed === undefined) {
    renamed = patterns.reduce((current, { pattern, to }) => current.replace(pattern, to), path)
    if (known.size >= mostKnown) known.clear()
    known.set(path, renamed)
  }
  return renamed
}
