import { createJournal } from '../../core/journal.ts'
import type { Visit } from '../../edge/pages.ts'
import { eventStreamHeaders } from '../../edge/render.ts'
import { streamBody } from '../../edge/stream-body.ts'
import { askHeld, type HeldAsk, type HeldDesk } from '../../upstream/held/ask-held.ts'
import { outOfReach, responseNotFound } from '../faults.ts'
import { changedCredential } from './held.ts'
import type { Shelf } from './shelf.ts'

export interface HeldVisit {
  readonly visit: Visit
  readonly method: HeldAsk['method']
  /** What stands after the id in the path, with its slash. */
  readonly below: string
  readonly keepAlive: number
}

/** A page of a response that an upstream keeps: the upstream's own answer, under the ids of its tenant. */
export async function showHeld(desk: HeldDesk, shelf: Shelf, held: HeldVisit): Promise<Response> {
  const { visit, method, below } = held
  const id = visit.params.id ?? ''
  const { tenant } = visit.principal
  const opened = await desk.ids.open(id, tenant)
  if (opened === undefined) return visit.fail(responseNotFound(id))
  const provider = desk.provider(opened.provider)
  if (provider === undefined)
    return visit.fail(outOfReach(id, `"${opened.provider}" is not configured any more.`))
  if ((await desk.account(provider.name)) !== opened.account)
    return visit.fail(outOfReach(id, changedCredential))
  const ask: HeldAsk = {
    held: opened,
    id,
    method,
    below,
    query: visit.query,
    headers: visit.request.headers,
    owner: visit.request.signal,
    // Under the id that was asked for, also where another secret would seal it today.
    seal: response =>
      response === opened.response ? Promise.resolve(id) : desk.ids.seal({ ...opened, response }, tenant),
  }
  const answer = await askHeld(ask, provider, desk.ask)
  const traced = { 'x-request-id': visit.id }
  switch (answer.kind) {
    case 'fault':
      return visit.fail(answer.fault)
    case 'whole':
      // Bytes are a BodyInit; the DOM types lag.
      return new Response(answer.bytes as BodyInit, {
        headers: { ...traced, 'content-type': 'application/json' },
      })
    case 'stream': {
      const headers = { ...traced, ...eventStreamHeaders }
      if (answer.stream === undefined) return new Response('', { headers })
      const body = streamBody(
        { kind: 'stream', stream: answer.stream },
        readAlong(visit, shelf, held.keepAlive),
      )
      return new Response(body, { headers })
    }
  }
}

/** What writing a stream of somebody who made no call needs. */
export function readAlong({ id }: Visit, { ports }: Shelf, keepAlive: number) {
  const { dialect, ambient, log } = ports
  const request = { model: '', turns: [], sampling: {}, hints: {}, stream: true }
  const render = () => ({ id, created: 0, request })
  return { call: { id, journal: createJournal() }, dialect, render, ambient, log, keepAlive }
}
