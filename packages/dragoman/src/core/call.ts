import type { EmbedReply, EmbedRequest } from '../ir/embed.ts'
import type { DialectId } from '../ir/extra.ts'
import type { Reply } from '../ir/reply.ts'
import type { GenerateRequest } from '../ir/request.ts'
import type { Framing } from './dialect.ts'
import type { Journal, PlanMode } from './journal.ts'
import type { Payload } from './payload.ts'

/** What can be asked of a model, with the model's types of question and answer. */
export interface Operations {
  generate: { request: GenerateRequest; reply: Reply }
  embed: { request: EmbedRequest; reply: EmbedReply }
  count: { request: GenerateRequest; reply: number }
  /** A conversation for a shorter one that means the same. */
  compact: { request: GenerateRequest; reply: Reply }
}

export type Operation = keyof Operations

/** Who calls. */
export interface Principal {
  readonly id: string
  readonly name: string
  readonly tenant: string
}

/** The caller's own headers, reduced to those that may travel on (law: headers by allow-list). */
export interface CallerHeaders {
  /** `anthropic-version` as the caller sent it. */
  readonly revision?: string
  /** `anthropic-beta`, `openai-beta`: feature switches of the caller's dialect; sent on only in that dialect. */
  readonly betas: { readonly [header: string]: string }
  /** `dragoman-policy`. */
  readonly policy?: UnsupportedPolicy
  /** `dragoman-explain: 1`. */
  readonly explain: boolean
  /** `dragoman-hops`: how many gateways of ours it passed, with their ids. */
  readonly hops: readonly string[]
  /** Force a mode; only in tests and for administrators. */
  readonly mode?: PlanMode
}

/** What to do with a parameter the target does not have. */
export type UnsupportedPolicy = 'reject' | 'drop' | 'emulate'

/** What layers need of the answer; declared before the plan is made, because a stream's form is fixed at dispatch (law 2). */
export interface Needs {
  /** The usage has to be known at the end. */
  readonly usage: boolean
  /** Somebody reads the events. */
  readonly observe: boolean
  /** Somebody changes the events: relaying is out. */
  readonly edit: boolean
}

/**
 * A call as it came in. Layers only add facts, so the stages are a ladder of types: a layer that routes cannot be put
 * outside the one that authenticates.
 */
export interface Received<O extends Operation = Operation> {
  /** `[A-Za-z0-9]`, unguessable; ids the wire needs are derived from it. */
  readonly id: string
  readonly operation: O
  /** The dialect the caller speaks. */
  readonly dialect: DialectId
  /** The model name the caller wrote. */
  readonly model: string
  /** The caller asked for a stream. */
  readonly stream: boolean
  /** How the caller wants a stream framed, where it is not as the dialect frames it. */
  readonly framing?: Framing
  readonly body: Payload<Operations[O]['request']>
  readonly headers: CallerHeaders
  /** The key the caller presented, if any; `authenticate` reads it and nobody else. */
  readonly credential: string | undefined
  readonly needs: Needs
  readonly priority: 'interactive' | 'batch'
  /** Aborts when the owner (a client's connection, or a job) gives up. */
  readonly owner: AbortSignal
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  readonly journal: Journal
}

/** Authenticated. */
export interface Call<O extends Operation = Operation> extends Received<O> {
  readonly principal: Principal
  /** The one target that may answer, because it holds what the call continues. */
  readonly pinned?: Pick<Target, 'provider' | 'model'>
}

/** With its ordered targets. */
export interface Routed<O extends Operation = Operation> extends Call<O> {
  readonly route: Route
}

/** With the one target of this try; `leg` numbers the legs of a fan-out. */
export interface Aimed<O extends Operation = Operation> extends Routed<O> {
  readonly target: Target
  readonly leg?: number
}

/** What to do with what a target lacks: one default, and exceptions by the caller's field name. */
export interface UnsupportedPolicies {
  readonly default: UnsupportedPolicy
  readonly fields: { readonly [field: string]: UnsupportedPolicy }
}

export interface Route {
  /** The name that matched: an alias, or `provider/model`. */
  readonly name: string
  readonly policies: UnsupportedPolicies
  readonly targets: readonly Target[]
}

/** One provider and model, with how long to wait for them. */
export interface Target {
  /** Key of the provider in the configuration. */
  readonly provider: string
  /** The upstream's model name. */
  readonly model: string
  readonly timeouts: Timeouts
  /** Tokenizer of the names the caller uses, as configured; for embeddings given as token ids. */
  readonly tokenizer?: string
  /** The model it is one of, where its own name does not tell: a deployment, a profile. */
  readonly like?: string
  /** Who keeps Responses and continues them; absent: this gateway. */
  readonly state?: 'upstream'
}

/** The name that says what a target can do. */
export const knownAs = ({ like, model }: Target): string => like ?? model

/** All in milliseconds. */
export interface Timeouts {
  readonly connect: number
  /** From sending to the first content of a stream. */
  readonly firstToken: number
  /** Between two reads of a stream. */
  readonly idle: number
  /** The whole call, every attempt included. */
  readonly total: number
}
