import { type Aimed, knownAs, type Operation, type Operations } from '../core/call.ts'
import type { Dialect } from '../core/dialect.ts'
import type { Validator } from '../core/ports.ts'
import { findDialect } from '../dialects/registry.ts'
import type { EmbedRequest } from '../ir/embed.ts'
import { createFault, type Fault, type Parsed } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import type { Note } from '../ir/note.ts'
import type { GenerateRequest } from '../ir/request.ts'
import { type Feature, factsOf } from '../providers/profile.ts'
import type { Provider } from '../providers/provider.ts'
import type { Adaptation } from './adapt/adaptation.ts'
import { type Adapted, adapt } from './adapt/index.ts'
import { toolLimits, unlimited } from './adapt/limits.ts'
import { inCallersPlaces } from './adapt/places.ts'
import { countCodec, countNotes } from './count.ts'
import { Lacking } from './lacking.ts'
import { reachOf } from './media/forms.ts'
import { policiesFor, policyFor } from './unsupported.ts'

/** What encoding depends on beside the call and its target. */
export interface EncodeOptions {
  readonly structuredStream: 'buffer' | 'live'
  /** Checks structured answers that the target does not guarantee. */
  readonly validator?: Validator | undefined
}

/** A request in the target's words, before its quirks. */
export interface EncodedRequest {
  readonly wire: JsonObject
  readonly stream: boolean
  readonly notes: readonly Note[]
  readonly adaptations: readonly Adaptation[]
}

type EncodeFor = (
  call: Aimed,
  provider: Provider,
  dialect: Dialect,
  options: EncodeOptions,
) => Parsed<EncodedRequest>

/** What each operation does between the caller's value and the target's wire. */
export const encodeFor: { readonly [O in Operation]: EncodeFor } = {
  generate(call, provider, dialect, options) {
    const decoded = requestOf<'generate'>(call)
    if (!decoded.ok) return decoded
    const adapted = adaptTo(call, provider, dialect, options, decoded.value)
    const usage = adapted.request.stream && call.needs.usage ? { streamUsage: true } : {}
    const request: GenerateRequest = { ...adapted.request, ...namesOf(call, provider), ...usage }
    const encoded = dialect.encodeRequest(request)
    return {
      ok: true,
      value: {
        wire: encoded.value,
        stream: request.stream,
        notes: [...adapted.notes, ...inCallersPlaces(encoded.notes, request.turns)],
        adaptations: adapted.adaptations,
      },
    }
  },
  embed(call, provider, dialect) {
    const decoded = requestOf<'embed'>(call)
    if (!decoded.ok) return decoded
    const fault = missingEmbedding(decoded.value, new Lacking(provider, dialect.id, knownAs(call.target)))
    if (fault !== undefined) return { ok: false, fault }
    const encoded = dialect.embed?.encodeRequest({ ...decoded.value, model: call.target.model })
    return {
      ok: true,
      value: { wire: encoded?.value ?? {}, stream: false, notes: encoded?.notes ?? [], adaptations: [] },
    }
  },
  compact(call, provider, dialect) {
    const decoded = requestOf<'compact'>(call)
    if (!decoded.ok) return decoded
    const request = { ...decoded.value, ...namesOf(call, provider), stream: false }
    const encoded = dialect.compact?.encodeRequest(request)
    return {
      ok: true,
      value: { wire: encoded?.value ?? {}, stream: false, notes: encoded?.notes ?? [], adaptations: [] },
    }
  },
  count(call, provider, dialect, options) {
    const decoded = requestOf<'count'>(call)
    if (!decoded.ok) return decoded
    // What is counted is what would be sent: a line taken out or a tool added counts in both or in none.
    const adapted = adaptTo(call, provider, dialect, options, decoded.value)
    const request = { ...adapted.request, ...namesOf(call, provider), stream: false }
    const encoded = countCodec(dialect).encodeRequest(request)
    const notes = countNotes([...adapted.notes, ...inCallersPlaces(encoded.notes, request.turns)])
    return { ok: true, value: { wire: encoded.value, stream: false, notes, adaptations: [] } }
  },
}

/** The target's own names: of its model, and of what the wire leaves to the model. */
function namesOf(call: Aimed, provider: Provider): Pick<GenerateRequest, 'model' | 'vocabulary'> {
  const { model } = call.target
  const { vocabulary } = factsOf(provider.kind.profile, knownAs(call.target))
  return vocabulary === undefined ? { model } : { model, vocabulary }
}

/** The caller's request in the form that this target can take. */
function adaptTo(
  call: Aimed,
  provider: Provider,
  dialect: Dialect,
  options: EncodeOptions,
  request: GenerateRequest,
): Adapted {
  const caller = findDialect(call.dialect)
  const policies = policiesFor(call.route.policies, call.headers)
  return adapt(request, {
    lacking: new Lacking(provider, dialect.id, knownAs(call.target), call.dialect),
    facts: factsOf(provider.kind.profile, knownAs(call.target)),
    structuredStream: options.structuredStream,
    isCrossing: call.dialect !== dialect.id,
    ...(call.dialect === dialect.id ? {} : { reach: reachOf(call.dialect, dialect.id) }),
    emulates: path => policyFor(policies, caller?.pathOf(path) ?? path) === 'emulate',
    limits: toolLimits[dialect.id] ?? unlimited,
    validator: options.validator,
    mustStaySchema: caller?.guaranteesSchema === true && dialect.guaranteesSchema !== true,
  })
}

/** The caller's request in the model. The operation tells the type; the ladder of stages cannot carry it this deep. */
function requestOf<O extends Operation>(call: Aimed): Parsed<Operations[O]['request']> {
  return call.body.value() as Parsed<Operations[O]['request']> // the payload's codec was chosen by the operation
}

/** What of an embeddings request no target of this kind can do, and what to do instead. */
const embeddingNeeds: readonly {
  readonly feature: Feature
  readonly param: string
  isUsed(request: EmbedRequest): boolean
  readonly instead: string
}[] = [
  {
    feature: 'embed.token-ids',
    param: 'input',
    isUsed: request => typeof request.input[0] === 'object',
    instead:
      'Send text, or name the tokenizer of the ids in the configuration (models.<name>.targets[].tokenizer).',
  },
  {
    feature: 'embed.dimensions',
    param: 'dimensions',
    isUsed: request => request.dimensions !== undefined,
    instead: 'Leave it out, or choose another model.',
  },
]

function missingEmbedding(request: EmbedRequest, lacking: Lacking): Fault | undefined {
  const missing = embeddingNeeds.find(need => need.isUsed(request) && lacking.lacks(need.feature))
  if (missing === undefined) return undefined
  const { param, feature, instead } = missing
  const message = `${param}: ${lacking.why(feature)} ${instead}`
  return createFault('unsupported_value', message, { param, origin: 'gateway' })
}
