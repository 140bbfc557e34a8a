import type { DialectId } from '../ir/extra.ts'
import type { JsonObject, JsonValue } from '../ir/json.ts'
import type { Opaque } from '../ir/opaque.ts'
import type { PartKind, ThinkingPart } from '../ir/part.ts'
import { isEnvelope } from './keyring.ts'

/** Where the callers of a dialect hold state they cannot read, and send it back unchanged. */
export interface Carrier {
  /** Kinds of parts with a field of no limited length for it, and the form that makes the encoder write that field. */
  readonly parts: { readonly [K in PartKind]?: Opaque['form'] }
  /** The form of a thought of which nothing can be shown, where that is another kind of block. */
  readonly hidden?: Opaque['form']
  /** Some clients take the state of a thought that shows nothing for that of the thought before it. */
  readonly slips?: true
  /** One list beside the message of a whole turn. Not every client sends it back. */
  readonly turn?: true
}

/**
 * What clients send back, by dialect. Messages: the signature of thinking and the data of a redacted thought. Responses:
 * `encrypted_content` of a reasoning item. Gemini: `thoughtSignature` of any part. Chat: `reasoning_details`, which raw
 * SDK users and some frameworks append with the message and others drop; the id of a tool call is what all of them keep.
 */
const carriers: { readonly [D in DialectId]?: Carrier } = {
  'anthropic-messages': { parts: { thinking: 'signature' }, hidden: 'redacted' },
  'openai-responses': { parts: { thinking: 'encrypted' } },
  gemini: { parts: { thinking: 'signature', text: 'signature', 'tool-call': 'signature' }, slips: true },
  'openai-chat': { parts: {}, turn: true },
}

const none: Carrier = { parts: {} }

export const carrierOf = (dialect: DialectId): Carrier => carriers[dialect] ?? none

/** Wires that sign a call itself, which is known only after its id went out. */
const signing: readonly DialectId[] = ['gemini']

export const signsCalls = (dialect: DialectId): boolean => signing.includes(dialect)

/** The field of a chat message that holds reasoning in typed pieces; an encrypted piece has its state in `data`. */
const details = 'reasoning_details'
const chat: DialectId = 'openai-chat'

/** The thought that carries a turn's envelope to callers with one list a message. */
export function turnCarrier(envelope: string): ThinkingPart {
  return {
    kind: 'thinking',
    text: '',
    extra: { [chat]: { [details]: [{ type: 'reasoning.encrypted', data: envelope }] } },
  }
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const envelopeIn = (piece: JsonValue): string | undefined =>
  isObject(piece) && typeof piece.data === 'string' && isEnvelope(piece.data) ? piece.data : undefined

function detailsOf(part: ThinkingPart): readonly JsonValue[] {
  const list = part.extra?.[chat]?.[details]
  return Array.isArray(list) ? list : []
}

/** The envelopes of its turn that a thought brought back. */
export const turnEnvelopes = (part: ThinkingPart): readonly string[] =>
  detailsOf(part).flatMap(piece => envelopeIn(piece) ?? [])

/**
 * The thought without anything that a wire added to it, the envelopes first: what another provider thought is no history
 * of this wire's, whatever field it came back in. Undefined where nothing of it can be read.
 */
export function bareThought({ extra: _, ...part }: ThinkingPart): ThinkingPart | undefined {
  const isEmpty = part.text === '' && (part.summary ?? []).length === 0
  return isEmpty ? undefined : part
}
