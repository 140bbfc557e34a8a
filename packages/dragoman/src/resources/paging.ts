import { createFault, type Fault, type Parsed } from '../ir/fault.ts'
import type { JsonObject } from '../wire/json.ts'

/** Which part of a list is wanted (openai-node 7.57.0, `CursorPageParams` and `order`). */
export interface PageQuery {
  readonly limit: number
  readonly order: 'asc' | 'desc'
  readonly after: string | undefined
}

const usual = 20
const most = 100

const refused = (param: string, message: string): { readonly ok: false; readonly fault: Fault } => ({
  ok: false,
  fault: createFault('invalid_request', message, { param }),
})

export function readPageQuery(query: string): Parsed<PageQuery> {
  const fields = new URLSearchParams(query)
  const limit = Number(fields.get('limit') ?? usual)
  const order = fields.get('order') ?? 'desc'
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    return refused('limit', `limit: expected a whole number from 1 to ${most}.`)
  if (order !== 'asc' && order !== 'desc') return refused('order', 'order: expected "asc" or "desc".')
  return { ok: true, value: { limit, order, after: fields.get('after') ?? undefined } }
}

/** A page of these items, which come oldest first, in the envelope of OpenAI's lists. */
export function renderPage(
  items: readonly JsonObject[],
  { limit, order, after }: PageQuery,
): Parsed<JsonObject> {
  const ordered = order === 'asc' ? items : items.toReversed()
  const at = after === undefined ? -1 : ordered.findIndex(item => item.id === after)
  if (after !== undefined && at < 0)
    return refused('after', `after: there is no item with id '${after}' here.`)
  const data = ordered.slice(at + 1, at + 1 + limit)
  return {
    ok: true,
    value: {
      object: 'list',
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: at + 1 + limit < ordered.length,
    },
  }
}
