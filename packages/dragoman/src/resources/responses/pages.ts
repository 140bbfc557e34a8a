import type { ResponseRecord } from '../../core/state-store.ts'
import type { Page, Visit } from '../../edge/pages.ts'
import { eventStreamHeaders } from '../../edge/render.ts'
import { streamBody } from '../../edge/stream-body.ts'
import { createFault } from '../../ir/fault.ts'
import type { HeldDesk } from '../../upstream/held/ask-held.ts'
import { isHeldId } from '../../upstream/held/held-id.ts'
import { asking, notCancellable, responseNotFound } from '../faults.ts'
import { readPageQuery, renderPage } from '../paging.ts'
import { eventsOfEnding } from './endings.ts'
import { type HeldVisit, readAlong, showHeld } from './held-pages.ts'
import { loadEvents, playWhole } from './player.ts'
import { packEvents } from './segment.ts'
import type { Shelf } from './shelf.ts'

export interface ResponsePagesOptions {
  /** Asks upstreams for what they keep themselves. */
  desk(): HeldDesk
  /** Milliseconds of silence in a stream after which a keep-alive is written. */
  keepAlive(): number
}

/** Stored responses under their own addresses (openai-node 7.57.0, `responses` and `responses.inputItems`). */
export function createResponsePages(shelf: Shelf, options: ResponsePagesOptions): readonly Page[] {
  const on =
    (
      method: HeldVisit['method'],
      below: string,
      act: (visit: Visit, record: ResponseRecord) => Promise<Response>,
    ) =>
    async (visit: Visit): Promise<Response> => {
      const id = visit.params.id ?? ''
      if (isHeldId(id)) {
        const keepAlive = options.keepAlive()
        return showHeld(options.desk(), shelf, { visit, method, below, keepAlive })
      }
      const done = await asking(
        shelf
          .find(visit.principal.tenant, id)
          .then(record => (record === undefined ? visit.fail(responseNotFound(id)) : act(visit, record))),
        shelf.onFailure,
      )
      return done.ok ? done.value : visit.fail(done.fault)
    }
  return [
    {
      path: '/v1/responses/{id}',
      methods: {
        GET: on('GET', '', (visit, record) => retrieve(shelf, options, visit, record)),
        DELETE: on('DELETE', '', (visit, record) => remove(shelf, visit, record)),
      },
    },
    {
      path: '/v1/responses/{id}/cancel',
      methods: { POST: on('POST', '/cancel', (visit, record) => cancel(shelf, visit, record)) },
    },
    {
      path: '/v1/responses/{id}/input_items',
      methods: { GET: on('GET', '/input_items', (visit, record) => list(shelf, visit, record)) },
    },
  ]
}

async function show(shelf: Shelf, { json }: Visit, record: ResponseRecord): Promise<Response> {
  const { store, dialect } = shelf.ports
  const events = record.state === 'queued' ? [] : await loadEvents(store, record.id)
  return json(playWhole(dialect, record, events).object)
}

async function retrieve(
  shelf: Shelf,
  options: ResponsePagesOptions,
  visit: Visit,
  record: ResponseRecord,
): Promise<Response> {
  const fields = new URLSearchParams(visit.query)
  if (fields.get('stream') !== 'true') return show(shelf, visit, record)
  const after = Number(fields.get('starting_after') ?? -1)
  if (!Number.isInteger(after)) {
    const message = 'starting_after: expected the sequence number of an event.'
    return visit.fail(createFault('invalid_request', message, { param: 'starting_after' }))
  }
  const answer = { kind: 'stream', ...shelf.read(record, after) } as const
  const body = streamBody(answer, readAlong(visit, shelf, options.keepAlive()))
  return new Response(body, { headers: { ...eventStreamHeaders, 'x-request-id': visit.id } })
}

async function remove(shelf: Shelf, { json, principal }: Visit, record: ResponseRecord): Promise<Response> {
  await shelf.ports.store.remove(principal.tenant, record.id)
  // Nobody can read what comes of it any more; a client that is reading may go on.
  if (record.background) shelf.ports.jobs.find(record.id)?.cancel('asked')
  return json({ id: record.id, object: 'response', deleted: true })
}

/** Ends a background response. One that ended already stays as it is, and cancelling it again is no error. */
async function cancel(shelf: Shelf, visit: Visit, record: ResponseRecord): Promise<Response> {
  if (!record.background) return visit.fail(notCancellable)
  const { store, jobs, dialect } = shelf.ports
  const job = jobs.find(record.id)
  if (job !== undefined) {
    job.cancel('asked')
    await job.settled
  } else if (record.state !== 'ended') {
    // Another process works on it, and hears of it when it wants to store more.
    const segments = await store.segments(record.id, 0)
    const first = segments.reduce((count, segment) => count + segment.count, 0)
    const events = eventsOfEnding('cancelled', true, dialect.id)
    await store.end(record.id, packEvents(first, events))
  }
  const now = await shelf.find(record.tenant, record.id)
  return now === undefined ? visit.fail(responseNotFound(record.id)) : show(shelf, visit, now)
}

async function list(shelf: Shelf, { json, fail, query }: Visit, record: ResponseRecord): Promise<Response> {
  const wanted = readPageQuery(query)
  if (!wanted.ok) return fail(wanted.fault)
  const page = renderPage(await shelf.history.itemsOf(record), wanted.value)
  return page.ok ? json(page.value) : fail(page.fault)
}
