import type { Config } from './config/config.ts'
import type { Target } from './core/call.ts'
import type { PlanMode } from './core/journal.ts'
import { receive } from './edge/receive.ts'
import { findCallRoute, splitUrl } from './edge/routes.ts'
import type { Fault } from './ir/fault.ts'
import type { JsonValue } from './ir/json.ts'
import type { Note } from './ir/note.ts'
import type { Router } from './layers/route.ts'
import type { HeldKeeper } from './resources/responses/held.ts'
import type { Runtime } from './snapshot.ts'
import type { UpstreamContext } from './upstream/attempt.ts'
import { imagineMedia } from './upstream/media/fetch-media.ts'
import { createPlan } from './upstream/plan.ts'
import { splice } from './wire/splice.ts'

/** What would happen to a request. Serialisable; holds no secret. */
export interface Explanation {
  readonly ok: boolean
  readonly fault?: Pick<Fault, 'code' | 'message' | 'param' | 'status'>
  readonly dialect?: string
  readonly operation?: string
  readonly model?: string
  /** The alias, pattern or `provider/model` that matched. */
  readonly route?: string
  readonly targets?: readonly TargetExplanation[]
}

export interface TargetExplanation {
  readonly target: string
  readonly url?: string
  readonly mode?: PlanMode
  readonly reason?: string
  readonly adaptations?: readonly string[]
  readonly quirks?: readonly string[]
  readonly notes?: readonly Note[]
  /** The body that would be sent; media that would be fetched stand there without their bytes. */
  readonly body?: JsonValue
  /** Why this target would refuse. */
  readonly fault?: Explanation['fault']
}

const told = ({ code, message, param, status }: Fault) => ({
  code,
  message,
  status,
  ...(param === undefined ? {} : { param }),
})

export interface ExplainContext {
  readonly config: Config
  readonly router: Router
  readonly upstream: UpstreamContext
  readonly runtime: Runtime
  /** Puts what is stored before a call. */
  readonly keeper: Pick<HeldKeeper, 'preview'>
}

const explainer = { id: 'explain', name: 'explain', tenant: 'local' }

/** Goes the way of a call up to the point of sending. */
export async function explainCall(request: Request, context: ExplainContext): Promise<Explanation> {
  const { path, query } = splitUrl(request.url)
  const route = findCallRoute(path, query)
  if (route === undefined) {
    return {
      ok: false,
      fault: { code: 'not_found', message: `There is no ${path} that carries calls.`, status: 404 },
    }
  }
  const { ambient, instance } = context.runtime
  const { maxBody } = context.config.server
  const options = {
    maxBody,
    ambient,
    instance,
    trustModeHeader: true,
    identify: () => ({ ok: true, value: explainer }) as const,
  }
  const received = await receive(request, route, query, ambient.randomId(24), options)
  if (!received.ok) return { ok: false, fault: told(received.fault) }
  const call = { ...received.value, principal: explainer }
  const facts = { dialect: call.dialect, operation: call.operation, model: call.model }
  const resolved = await context.router.resolve(call.model)
  if (!resolved.ok) return { ok: false, ...facts, fault: told(resolved.fault) }
  const ready = await context.keeper.preview(call)
  if (!ready.ok) return { ok: false, ...facts, fault: told(ready.fault) }
  const targets = resolved.value.targets.map(target =>
    explainTarget({ ...ready.value, route: resolved.value, target }, target, context),
  )
  return {
    ok: targets.some(target => target.fault === undefined),
    ...facts,
    route: resolved.value.name,
    targets,
  }
}

function explainTarget(
  call: Parameters<typeof createPlan>[0],
  target: Target,
  context: ExplainContext,
): TargetExplanation {
  const name = `${target.provider}/${target.model}`
  const provider = context.upstream.provider(target.provider)
  if (provider === undefined) return { target: name }
  const imagined = imagineMedia(call, provider, context.upstream.media !== undefined)
  const planned = createPlan(imagined.call, provider, context.upstream)
  if (!planned.ok) return { target: name, fault: told(planned.fault) }
  const plan = planned.value
  const received =
    plan.wire === undefined
      ? imagined.call.body.bytes().value
      : new TextEncoder().encode(JSON.stringify(plan.wire))
  return {
    target: name,
    url: provider.baseUrl + plan.path,
    mode: plan.mode,
    reason: plan.reason,
    adaptations: plan.adaptations.map(adaptation => adaptation.id),
    quirks: plan.quirks.map(quirk => quirk.id),
    notes: [...imagined.notes, ...plan.notes],
    body: JSON.parse(new TextDecoder().decode(splice(received, plan.edits))),
  }
}
