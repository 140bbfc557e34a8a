import type { Dialect } from '../../core/dialect.ts'
import type { Ambient } from '../../core/ports.ts'
import type { ConversationRecord, PlacedEntry, StateStore } from '../../core/state-store.ts'
import { readBody } from '../../edge/body.ts'
import type { Page, Visit } from '../../edge/pages.ts'
import { createFault, type Parsed } from '../../ir/fault.ts'
import { isObject, type JsonObject, type JsonValue, parseJson } from '../../wire/json.ts'
import { asking, conversationNotFound, itemNotFound } from '../faults.ts'
import { normalizeInput } from '../items.ts'
import { readPageQuery, renderPage } from '../paging.ts'
import { readMetadata } from './metadata.ts'

export interface ConversationPorts {
  readonly store: StateStore
  readonly dialect: Dialect
  readonly ambient: Ambient
  onFailure(error: unknown): void
  /** Largest body in bytes. */
  maxBody(): number
}

/** Items that one request may add (openai-node 7.57.0, `ItemCreateParams`). */
const mostItems = 20

type Act = (visit: Visit, conversation: ConversationRecord) => Promise<Response>

/** Conversations and their items (openai-node 7.57.0, `conversations` and `conversations.items`). */
export function createConversationPages(ports: ConversationPorts): readonly Page[] {
  const pages = new ConversationPages(ports)
  const on = (act: Act) => (visit: Visit) => pages.visit(visit, act)
  return [
    { path: '/v1/conversations', methods: { POST: visit => pages.create(visit) } },
    {
      path: '/v1/conversations/{id}',
      methods: { GET: on(pages.retrieve), POST: on(pages.update), DELETE: on(pages.remove) },
    },
    { path: '/v1/conversations/{id}/items', methods: { POST: on(pages.addItems), GET: on(pages.listItems) } },
    {
      path: '/v1/conversations/{id}/items/{item}',
      methods: { GET: on(pages.retrieveItem), DELETE: on(pages.removeItem) },
    },
  ]
}

class ConversationPages {
  readonly #ports: ConversationPorts

  constructor(ports: ConversationPorts) {
    this.#ports = ports
  }

  /** Does something with a conversation of the visitor's own. */
  async visit(visit: Visit, act: Act): Promise<Response> {
    const { id = '' } = visit.params
    const { store } = this.#ports
    return this.#asking(visit, async () => {
      const found = await store.findConversation(visit.principal.tenant, id)
      return found === undefined ? visit.fail(conversationNotFound(id)) : act(visit, found)
    })
  }

  async #asking(visit: Visit, work: () => Promise<Response>): Promise<Response> {
    const done = await asking(work(), this.#ports.onFailure)
    return done.ok ? done.value : visit.fail(done.fault)
  }

  async create(visit: Visit): Promise<Response> {
    const body = await this.#readBody(visit)
    if (!body.ok) return visit.fail(body.fault)
    const metadata = readMetadata(body.value.metadata)
    if (!metadata.ok) return visit.fail(metadata.fault)
    const { ambient, store } = this.#ports
    const id = `conv_${ambient.randomId(24)}`
    const items = this.#readItems(body.value.items ?? [], id)
    if (!items.ok) return visit.fail(items.fault)
    const { tenant } = visit.principal
    const conversation = { id, tenant, createdAt: ambient.now(), metadata: metadata.value }
    return this.#asking(visit, async () => {
      await store.createConversation(conversation, items.value.length === 0 ? [] : [{ items: items.value }])
      return visit.json(render(conversation))
    })
  }

  readonly retrieve: Act = async ({ json }, conversation) => json(render(conversation))

  readonly update: Act = async (visit, { id, tenant, createdAt }) => {
    const body = await this.#readBody(visit)
    if (!body.ok) return visit.fail(body.fault)
    const metadata = readMetadata(body.value.metadata)
    if (!metadata.ok) return visit.fail(metadata.fault)
    const isThere = await this.#ports.store.updateConversation(tenant, id, metadata.value)
    if (!isThere) return visit.fail(conversationNotFound(id))
    return visit.json(render({ id, tenant, createdAt, metadata: metadata.value }))
  }

  readonly remove: Act = async ({ json }, { id, tenant }) => {
    await this.#ports.store.removeConversation(tenant, id)
    return json({ id, object: 'conversation.deleted', deleted: true })
  }

  readonly addItems: Act = async (visit, { id }) => {
    const body = await this.#readBody(visit)
    if (!body.ok) return visit.fail(body.fault)
    const items = this.#readItems(body.value.items, id)
    if (!items.ok) return visit.fail(items.fault)
    const isThere = await this.#ports.store.addEntries({
      conversation: id,
      entries: [{ items: items.value }],
    })
    if (!isThere) return visit.fail(conversationNotFound(id))
    const page = renderPage(items.value, { limit: mostItems, order: 'asc', after: undefined })
    return page.ok ? visit.json(page.value) : visit.fail(page.fault)
  }

  readonly listItems: Act = async (visit, { id }) => {
    const wanted = readPageQuery(visit.query)
    if (!wanted.ok) return visit.fail(wanted.fault)
    const entries = await this.#ports.store.entries(id)
    const page = renderPage(
      entries.flatMap(({ items }) => items),
      wanted.value,
    )
    return page.ok ? visit.json(page.value) : visit.fail(page.fault)
  }

  readonly retrieveItem: Act = async (visit, { id }) => {
    const found = await this.#findItem(id, visit.params.item ?? '')
    return found === undefined ? visit.fail(itemNotFound(visit.params.item ?? '')) : visit.json(found.item)
  }

  /** The rest of its entry stays, as items of the wire alone: a turn of the model cannot be taken apart. */
  readonly removeItem: Act = async (visit, conversation) => {
    const wanted = visit.params.item ?? ''
    const found = await this.#findItem(conversation.id, wanted)
    if (found === undefined) return visit.fail(itemNotFound(wanted))
    const items = found.entry.items.filter(item => item !== found.item)
    const { response } = found.entry
    const left = items.length === 0 ? undefined : { items, ...(response === undefined ? {} : { response }) }
    await this.#ports.store.replaceEntry(conversation.id, found.entry.position, left)
    return visit.json(render(conversation))
  }

  async #findItem(
    conversation: string,
    id: string,
  ): Promise<{ readonly entry: PlacedEntry; readonly item: JsonObject } | undefined> {
    for (const entry of await this.#ports.store.entries(conversation)) {
      const item = entry.items.find(one => one.id === id)
      if (item !== undefined) return { entry, item }
    }
    return undefined
  }

  /** A body that may be left out counts as an empty one. */
  async #readBody({ request }: Visit): Promise<Parsed<JsonObject>> {
    const bytes = await readBody(request, this.#ports.maxBody(), this.#ports.ambient)
    if (!bytes.ok) return bytes
    if (bytes.value.length === 0) return { ok: true, value: {} }
    const parsed = parseJson(bytes.value)
    if (parsed.ok && isObject(parsed.value)) return { ok: true, value: parsed.value }
    const why = parsed.ok ? 'it has to be a JSON object.' : parsed.message
    return refused(`The request body could not be read: ${why}`)
  }

  /** Items as they will be listed. What no call could be made of is refused here. */
  #readItems(items: JsonValue | undefined, conversation: string): Parsed<readonly JsonObject[]> {
    if (!Array.isArray(items)) return refused('items: expected a list.', 'items')
    if (items.length > mostItems)
      return refused(`items: at most ${mostItems} items can be added at a time.`, 'items')
    const { dialect, ambient } = this.#ports
    const decoded = dialect.decodeRequest({ model: '-', input: items })
    if (!decoded.ok) {
      const rename = (text: string) => text.replaceAll(/\binput(?=\[|\b)/g, 'items')
      const { param, message } = decoded.fault
      return {
        ok: false,
        fault: {
          ...decoded.fault,
          message: rename(message),
          ...(param === undefined ? {} : { param: rename(param) }),
        },
      }
    }
    const owner = conversation.slice('conv_'.length)
    return {
      ok: true,
      value: normalizeInput(items, prefix => `${prefix}_${owner}_${ambient.randomId(8)}`),
    }
  }
}

const refused = (message: string, param?: string) => ({
  ok: false as const,
  fault: createFault('invalid_request', message, param === undefined ? {} : { param }),
})

const render = ({ id, createdAt, metadata }: ConversationRecord): JsonObject => ({
  id,
  object: 'conversation',
  created_at: Math.floor(createdAt / 1000),
  metadata,
})
