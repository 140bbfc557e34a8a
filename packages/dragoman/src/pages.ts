import type { Records } from './core/records.ts'
import { dialectIds } from './dialects/registry.ts'
import { type ModelEntry, renderModel, renderModels } from './edge/models.ts'
import type { Page, Visit } from './edge/pages.ts'
import { describeRecord } from './edge/requests.ts'
import type { DialectId } from './ir/extra.ts'
import { createFault } from './ir/fault.ts'
import type { JsonObject } from './ir/json.ts'
import type { Router } from './layers/route.ts'
import type { Provider } from './providers/provider.ts'
import { describeCapabilities } from './translation/capabilities.ts'

/** What the pages show; asked anew at every visit, because a reload changes it. */
export interface Shown {
  readonly records: Records
  isClosing(): boolean
  models(): Promise<readonly ModelEntry[]>
  router(): Router
  provider(name: string): Provider | undefined
  /** Whether what callers give by its address is fetched for targets that take only bytes. */
  fetches(): boolean
}

/** Every page that is not a stored object's. */
export function createPages(shown: Shown): readonly Page[] {
  const read = (page: (visit: Visit) => Response | Promise<Response>) => ({ GET: page })
  const open = (page: (visit: Visit) => Response) => ({ GET: page, HEAD: page })
  return [
    { path: '/', isOpen: true, methods: open(greet) },
    { path: '/healthz', isOpen: true, methods: open(visit => visit.json({ status: 'ok' })) },
    {
      path: '/readyz',
      isOpen: true,
      methods: open(visit =>
        shown.isClosing() ? visit.json({ status: 'closing' }, 503) : visit.json({ status: 'ready' }),
      ),
    },
    { path: '/v1/models', methods: read(visit => listModels(visit, shown)) },
    { path: '/v1/models/{model*}', methods: read(visit => showModel(visit, shown)) },
    { path: '/v1beta/models', methods: read(visit => listModels(visit, shown)) },
    { path: '/v1beta/models/{model*}', methods: read(visit => showModel(visit, shown)) },
    { path: '/v1/capabilities', methods: read(visit => listCapabilities(visit, shown)) },
    { path: '/v1/capabilities/{model*}', methods: read(visit => showCapabilities(visit, shown)) },
    { path: '/dragoman/requests/{id}', methods: read(visit => showRecord(visit, shown.records)) },
  ]
}

const welcome =
  'Dragoman. OpenAI at /v1, Anthropic at /v1/messages, Gemini at /v1beta; GET /v1/models lists the models.\n'

const greet = ({ request }: Visit): Response =>
  new Response(request.method === 'HEAD' ? null : welcome, {
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  })

async function listModels({ json, dialect }: Visit, shown: Shown): Promise<Response> {
  return json(renderModels(await shown.models(), dialect))
}

async function showModel({ json, fail, dialect, params }: Visit, shown: Shown): Promise<Response> {
  const name = params.model ?? ''
  const listed = (await shown.models()).find(entry => entry.id === name)
  if (listed !== undefined) return json(renderModel(listed, dialect))
  const resolved = await shown.router().resolve(name)
  if (!resolved.ok) return fail(resolved.fault)
  const owner = resolved.value.targets[0]?.provider ?? 'dragoman'
  return json(renderModel({ id: name, owner }, dialect))
}

/** The dialect that somebody asks about: `?caller=`, else the one that the headers give away. */
function callerOf({ query, dialect }: Visit): DialectId | undefined {
  const named = new URLSearchParams(query).get('caller')
  return named === null ? dialect : dialectIds.find(id => id === named)
}

const unknownCaller = () =>
  createFault('invalid_request', `caller has to be one of ${dialectIds.join(', ')}.`, { param: 'caller' })

/** What every listed model can do for callers of a dialect. */
async function listCapabilities(visit: Visit, shown: Shown): Promise<Response> {
  const caller = callerOf(visit)
  if (caller === undefined) return visit.fail(unknownCaller())
  const data: JsonObject[] = []
  for (const { id } of await shown.models()) {
    const resolved = await shown.router().resolve(id)
    if (resolved.ok)
      data.push(describeCapabilities(id, resolved.value.targets, shown.provider, caller, shown.fetches()))
  }
  return visit.json({ object: 'list', data })
}

async function showCapabilities(visit: Visit, shown: Shown): Promise<Response> {
  const caller = callerOf(visit)
  if (caller === undefined) return visit.fail(unknownCaller())
  const name = visit.params.model ?? ''
  const resolved = await shown.router().resolve(name)
  if (!resolved.ok) return visit.fail(resolved.fault)
  return visit.json(
    describeCapabilities(name, resolved.value.targets, shown.provider, caller, shown.fetches()),
  )
}

/** What happened to a call, told to the tenant whose call it was. */
function showRecord({ json, fail, params, principal }: Visit, records: Records): Response {
  const record = records.find(params.id ?? '')
  if (record !== undefined && record.tenant === principal.tenant) return json(describeRecord(record))
  const message = 'No call with this id is remembered: it is unknown, another tenant’s, or too old.'
  return fail(createFault('not_found', message))
}
