import { type Aimed, knownAs } from '../core/call.ts'
import type { Dialect } from '../core/dialect.ts'
import type { PlanMode } from '../core/journal.ts'
import type { Quirk } from '../core/quirk.ts'
import { findDialect, findQuirk } from '../dialects/registry.ts'
import { createFault, type Fault, type Parsed } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import type { Encoded, Note } from '../ir/note.ts'
import { type Binding, pathFor } from '../providers/binding.ts'
import { bindingsFor, findBinding, type Provider } from '../providers/provider.ts'
import type { WireEdit } from '../wire/splice.ts'
import type { Adaptation } from './adapt/adaptation.ts'
import { type EncodeOptions, encodeFor } from './encode.ts'
import { policiesFor, settleNotes } from './unsupported.ts'

/** The decision for one attempt: how the bytes get there and back, and why. */
export interface Plan {
  readonly mode: PlanMode
  /** A sentence for the span and for `explain`. */
  readonly reason: string
  /** What the upstream speaks in this attempt. */
  readonly dialect: Dialect
  readonly binding: Binding
  /** Below the provider's base URL. */
  readonly path: string
  /** Whether the upstream is asked for a stream. */
  readonly stream: boolean
  /** The request as received; relayed and patched bodies start from it. */
  readonly edits: readonly WireEdit[]
  /** The body, where it is not the received bytes with `edits`. */
  readonly wire: JsonObject | undefined
  readonly quirks: readonly Quirk[]
  readonly adaptations: readonly Adaptation[]
  /** Usage is asked for on the caller's behalf and taken out of the answer again. */
  readonly hideUsage: boolean
  /** In the caller's words. */
  readonly notes: readonly Note[]
}

/** What nearly every plan has of edits, quirks, adaptations and notes. */
const none: readonly never[] = []

/** Decides how to carry a call to a provider. Pure: the same call and provider give the same plan. */
export function createPlan(call: Aimed, provider: Provider, options: EncodeOptions): Parsed<Plan> {
  const binding = chooseBinding(call, provider)
  if (binding === undefined) return { ok: false, fault: noBinding(call, provider) }
  const dialect = findDialect(binding.dialect)
  if (dialect === undefined) return { ok: false, fault: noBinding(call, provider) }
  const ids = provider.kind.quirks[binding.dialect]
  const quirks = ids === undefined ? none : ids.flatMap(id => findQuirk(binding.dialect, id) ?? [])
  const base = { dialect, binding, quirks }
  const why = whyRelay(call, binding)
  if (why !== undefined) return { ok: true, value: relay(call, base, why) }
  return translate(call, provider, base, options, whyTranslate(call, binding))
}

/** Why a call may go as it came; undefined where it may not. */
function whyRelay(call: Aimed, binding: Binding): string | undefined {
  const mayRelay = binding.dialect === call.dialect && !call.needs.edit && !call.needs.observe
  if (!mayRelay || call.headers.mode === 'translate') return undefined
  if (findDialect(call.dialect)?.isOurs?.(call.body.wire().value) === true) return undefined
  const proof = binding.relay
  if (proof !== undefined) return `${proof.rank}: ${proof.source}`
  return call.headers.mode === undefined ? undefined : 'relaying was asked for'
}

/** Whether the bytes of a call will go to this provider as they came, or patched. */
export function willRelay(call: Aimed, provider: Provider): boolean {
  const binding = chooseBinding(call, provider)
  return binding !== undefined && whyRelay(call, binding) !== undefined
}

function whyTranslate(call: Aimed, binding: Binding): string {
  if (binding.dialect !== call.dialect)
    return `the caller speaks ${call.dialect}, the target ${binding.dialect}`
  if (call.headers.mode === 'translate') return 'translating was asked for'
  if (binding.relay === undefined) return 'nothing proves yet that this target speaks the dialect exactly'
  return 'the answer has to be read or changed on the way'
}

/** The caller's own dialect where the provider has it, else the one the provider prefers. */
export function chooseBinding(call: Aimed, provider: Provider): Binding | undefined {
  const { operation, dialect, target } = call
  return (
    findBinding(provider, operation, dialect, knownAs(target)) ??
    bindingsFor(provider, operation, knownAs(target)).find(binding => canTranslate(call, binding))
  )
}

/** Embeddings cross dialects only where both sides have them; a count needs no words of its own. */
function canTranslate(call: Aimed, binding: Binding): boolean {
  const dialect = findDialect(binding.dialect)
  if (call.operation === 'embed') return dialect?.embed !== undefined
  return dialect !== undefined
}

function noBinding(call: Aimed, provider: Provider): Fault {
  const what = {
    generate: 'generation',
    embed: 'embeddings',
    count: 'token counting',
    compact: 'compaction',
  }[call.operation]
  return createFault(
    'unsupported_operation',
    `${provider.kind.title} has no ${what} that this gateway can reach.`,
    {
      origin: 'gateway',
    },
  )
}

type Base = Pick<Plan, 'dialect' | 'binding' | 'quirks'>

/** The caller's bytes, with the model's name and what metering needs spliced in; named quirks edit the parsed object. */
function relay(call: Aimed, base: Base, why: string): Plan {
  const wire = call.body.wire().value
  const quiet = call.stream && call.needs.usage ? base.dialect.quietUsage : undefined
  const ask = quiet?.ask(wire) ?? none
  const own = bindingEdits(call, base.binding)
  const edits = ask.length === 0 ? own : [...own, ...ask]
  const path = pathFor(base.binding, call.operation, call.target.model, call.stream)
  const shared = { ...base, path, stream: call.stream, adaptations: none, hideUsage: ask.length > 0 }
  const patched = applyQuirks(base.quirks, wire)
  if (patched.value === wire) {
    return { ...shared, mode: 'relay', reason: `same dialect, ${why}`, edits, wire: undefined, notes: none }
  }
  const reason = `same dialect, ${why}; named deviations of the target are patched`
  const notes = inCallersWords(call, patched.notes)
  return { ...shared, mode: 'patch', reason, edits, wire: patched.value, notes }
}

/** What a relayed body has to say for this target: its model's name, and what the endpoint has elsewhere or wants besides. */
function bindingEdits(call: Aimed, { omits = none, body = {} }: Binding): readonly WireEdit[] {
  const wire = call.body.wire().value
  const edits: WireEdit[] = []
  if (!omits.includes('model') && wire.model !== call.target.model)
    edits.push({ operation: 'set', path: ['model'], value: call.target.model })
  for (const field of omits)
    if (Object.hasOwn(wire, field)) edits.push({ operation: 'delete', path: [field] })
  for (const field in body) edits.push({ operation: 'set', path: [field], value: body[field] ?? null })
  return edits
}

/** The same for a body that is an object of ours. */
function withBinding(wire: JsonObject, { omits = none, body }: Binding): JsonObject {
  if (omits.length === 0) return body === undefined ? wire : { ...wire, ...body }
  const rest = Object.fromEntries(Object.entries(wire).filter(([field]) => !omits.includes(field)))
  return { ...rest, ...body }
}

/** The caller's feature switches where the endpoint has them in the body: a list of the names in the header. */
function betaField(call: Aimed, { binding, dialect }: Base): JsonObject {
  const { header, field } = binding.betaField ?? {}
  const said = header === undefined || dialect.id !== call.dialect ? undefined : call.headers.betas[header]
  const names = said?.split(',').flatMap(name => name.trim() || []) ?? []
  return field === undefined || names.length === 0 ? {} : { [field]: names }
}

/** Passes a body through the target's named deviations. */
function applyQuirks(quirks: readonly Quirk[], wire: JsonObject): Encoded<JsonObject> {
  if (quirks.length === 0) return { value: wire, notes: none }
  return quirks.reduce<Encoded<JsonObject>>(
    ({ value, notes }, quirk) => {
      const edited = quirk.request?.(value)
      return edited === undefined ? { value, notes } : { ...edited, notes: [...notes, ...edited.notes] }
    },
    { value: wire, notes: [] },
  )
}

/** Notes with the caller's own names of what they are about. */
export function inCallersWords(call: Aimed, notes: readonly Note[]): readonly Note[] {
  const caller = findDialect(call.dialect)
  if (caller === undefined || notes.length === 0) return notes
  const said = call.body.value()
  const request = said.ok && 'turns' in said.value ? said.value : undefined
  return notes.map(note => ({ ...note, path: caller.pathOf(note.path, request) }))
}

function translate(
  call: Aimed,
  provider: Provider,
  base: Base,
  options: EncodeOptions,
  reason: string,
): Parsed<Plan> {
  const caller = findDialect(call.dialect)
  const refused = caller?.checkRevision?.(call.body.wire().value, call.headers.revision)
  if (refused !== undefined) return { ok: false, fault: refused }
  const encoded = encodeFor[call.operation](call, provider, base.dialect, options)
  if (!encoded.ok) return encoded
  const { value } = encoded
  const patched = applyQuirks(base.quirks, value.wire)
  const told = inCallersWords(call, [...value.notes, ...patched.notes])
  const settled = settleNotes(told, policiesFor(call.route.policies, call.headers))
  if (!settled.ok) return settled
  return {
    ok: true,
    value: {
      ...base,
      path: pathFor(base.binding, call.operation, call.target.model, value.stream),
      mode: 'translate',
      reason,
      stream: value.stream,
      edits: [],
      wire: { ...withBinding(patched.value, base.binding), ...betaField(call, base) },
      adaptations: value.adaptations,
      hideUsage: false,
      notes: settled.notes,
    },
  }
}
