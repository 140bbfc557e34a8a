import { createAmbient } from '../../src/core/ambient.ts'
import { faultAnswer } from '../../src/core/answer.ts'
import type { Aimed, Target } from '../../src/core/call.ts'
import { findDialect } from '../../src/dialects/registry.ts'
import { receive } from '../../src/edge/receive.ts'
import { findCallRoute, splitUrl } from '../../src/edge/routes.ts'
import type { DialectId } from '../../src/ir/extra.ts'
import { createFault, type Fault } from '../../src/ir/fault.ts'
import type { Note } from '../../src/ir/note.ts'
import { emulate } from '../../src/layers/emulate.ts'
import type { Rule } from '../../src/providers/profile.ts'
import type { Provider } from '../../src/providers/provider.ts'
import type { Cell, FeatureId, TranslationLevel } from '../../src/translation/feature.ts'
import { Lacking } from '../../src/upstream/lacking.ts'
import { imagineMedia } from '../../src/upstream/media/fetch-media.ts'
import { createPlan } from '../../src/upstream/plan.ts'
import { bases, type Caller, probes } from './probes.ts'

// One cell of the translation table: a caller's request goes the way of every call up to the point of sending.

/** A provider of which nothing is known but the wire it speaks, and these rules. */
const providerOf = (dialect: DialectId, rules: readonly Rule[]): Provider => {
  const bindings = [{ dialect, paths: { generate: '/generate' } }]
  return {
    name: 'target',
    kind: {
      kind: 'target',
      title: 'The target',
      auth: { type: 'none' },
      bindings,
      profile: { rules, facts: [] },
      quirks: {},
    },
    baseUrl: 'http://target.invalid',
    credential: undefined,
    headers: {},
    bindings,
  }
}

const principal = { id: 'k', name: 'k', tenant: 't' }
const timeouts = { connect: 1000, firstToken: 1000, idle: 1000, total: 1000 }
const target: Target = { provider: 'target', model: 'upstream-model', timeouts }

/** What becomes of a feature; undefined where the caller has no word for it. */
export async function drive(
  caller: Caller,
  to: DialectId,
  feature: FeatureId,
  rules: readonly Rule[] = [],
): Promise<Cell | undefined> {
  const probe = probes[caller][feature]
  if (probe === undefined) return undefined
  const { base, path } = bases[caller]
  const call = await received(`http://gateway.invalid${path(feature === 'stream')}`, { ...base, ...probe })
  const provider = providerOf(to, rules)
  const notes: Note[] = []
  let fault: Fault | undefined
  const layer = emulate({
    lacksCandidates: () => new Lacking(provider, to, target.model).lacks('candidates'),
    splitter: () => undefined,
    mostInputs: () => undefined,
    policy: () => 'emulate',
  })
  await layer(leg => {
    const imagined = imagineMedia(leg, provider, true)
    notes.push(...imagined.notes)
    const planned = createPlan(imagined.call, provider, { structuredStream: 'buffer' })
    if (planned.ok) notes.push(...planned.value.notes)
    else fault = planned.fault
    return Promise.resolve(faultAnswer(fault ?? createFault('unavailable', 'Nothing is sent.')))
  })(call)
  if (fault !== undefined) return refusal(fault)
  return worst([...call.journal.notes, ...notes])
}

async function received(url: string, body: object): Promise<Aimed<'generate'>> {
  const { path, query } = splitUrl(url)
  const route = findCallRoute(path, query)
  if (route === undefined) throw new Error(`no route ${path}`)
  const request = new Request(url, { method: 'POST', body: JSON.stringify(body) })
  const call = await receive(request, route, query, 'id', {
    maxBody: 1_000_000,
    ambient: createAmbient(),
    instance: 'i',
    trustModeHeader: false,
    identify: () => ({ ok: true, value: principal }),
  })
  if (!call.ok) throw new Error(`a probe that is no request: ${call.fault.message}`)
  const decoded = call.value.body.value()
  if (!decoded.ok)
    throw new Error(`a probe that is no ${findDialect(route.dialect)?.id}: ${decoded.fault.message}`)
  const policies = { default: 'emulate', fields: {} } as const
  const routed = { name: 'm', policies, targets: [target] }
  return { ...call.value, principal, route: routed, target } as Aimed<'generate'> // every probe generates
}

function refusal(fault: Fault): Cell {
  if (!fault.code.startsWith('unsupported')) throw new Error(`not a refusal: ${fault.message}`)
  return { level: 'refused', ...(fault.param === undefined ? {} : { path: fault.param }) }
}

const order: readonly (readonly [Note['kind'], TranslationLevel])[] = [
  ['dropped', 'dropped'],
  ['clamped', 'approximated'],
  ['approximated', 'approximated'],
  ['emulated', 'emulated'],
]

/** Details of how something is said in one dialect: without them it is still said. */
const isDetail = ({ path }: Note): boolean => /(?:json_schema|format)\.name$|_breakpoint\.mode$/.test(path)

/** The heaviest of what was noted; another name for the same thing is no loss. */
function worst(notes: readonly Note[]): Cell {
  for (const [kind, level] of order) {
    const note = notes.find(one => one.kind === kind && !isDetail(one))
    if (note !== undefined) return { level, path: note.path }
  }
  return { level: 'native' }
}
