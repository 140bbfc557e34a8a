import type { Dialect } from '../../core/dialect.ts'
import type { ConversationEntry, ResponseRecord, StateStore } from '../../core/state-store.ts'
import type { Event } from '../../ir/event.ts'
import type { Fault, Parsed } from '../../ir/fault.ts'
import { createFold } from '../../ir/fold.ts'
import type { Turn } from '../../ir/request.ts'
import { isObject, type JsonObject } from '../../wire/json.ts'
import {
  chainBroken,
  conversationNotFound,
  previousNotFound,
  previousUnfinished,
  referenceNotFound,
} from '../faults.ts'
import { isReference, ownerOfItem, readAsk, type StateAsk } from './ask.ts'
import { loadEvents, playWhole } from './player.ts'

/** One step of a conversation: what was sent, or what a model said. */
type Step = ConversationEntry

/** Gives a record that is neither expired nor abandoned. */
export type FindRecord = (tenant: string, id: string) => Promise<ResponseRecord | undefined>

/** Finds what came before a call. Rejects where the store cannot answer. */
export class History {
  readonly #store: StateStore
  readonly #dialect: Dialect
  readonly #find: FindRecord

  constructor(store: StateStore, dialect: Dialect, find: FindRecord) {
    this.#store = store
    this.#dialect = dialect
    this.#find = find
  }

  /** What a call builds on, in turns of the model, the oldest first. Instructions are not inherited. */
  async turnsBefore(ask: StateAsk, tenant: string): Promise<Parsed<readonly Turn[]>> {
    const steps = await this.#before(ask, tenant)
    return steps.ok ? { ok: true, value: steps.value.flatMap(step => this.#turnsOf(step)) } : steps
  }

  /** The items that a response was made from, its own included, the oldest first. */
  async itemsOf(record: ResponseRecord): Promise<readonly JsonObject[]> {
    const before = await this.#before(readAsk(record.request), record.tenant, record.id)
    // Where a link is gone, what is left is still what can be listed.
    const steps = before.ok ? before.value : []
    return [...steps.flatMap(({ items }) => items), ...record.input]
  }

  /** The output of a response that ended: its items, and the same as a turn. */
  async outputOf(record: ResponseRecord): Promise<Step> {
    return this.readOutput(record, await loadEvents(this.#store, record.id))
  }

  readOutput(record: ResponseRecord, events: readonly Event[]): Step {
    const fold = createFold()
    for (const event of events) fold.push(event)
    const candidate = fold.reply().candidates[0]
    const { output } = playWhole(this.#dialect, record, events).object
    const items = Array.isArray(output) ? output.filter(isObject) : []
    const { parts = [], items: metas } = candidate ?? {}
    const turn: Turn = { role: 'assistant', parts, ...(metas === undefined ? {} : { items: metas }) }
    return { items, response: record.id, ...(parts.length === 0 ? {} : { turn }) }
  }

  async #before(ask: StateAsk, tenant: string, asking?: string): Promise<Parsed<readonly Step[]>> {
    if (ask.conversation !== undefined) return this.#conversationBefore(ask.conversation, tenant, asking)
    return ask.previous === undefined ? { ok: true, value: [] } : this.#chainBefore(ask.previous, tenant)
  }

  /** Everything in a conversation, or what was in it before this response added to it. */
  async #conversationBefore(id: string, tenant: string, asking?: string): Promise<Parsed<readonly Step[]>> {
    if ((await this.#store.findConversation(tenant, id)) === undefined)
      return failed(conversationNotFound(id))
    const entries = await this.#store.entries(id)
    const own = asking === undefined ? -1 : entries.findIndex(({ response }) => response === asking)
    return { ok: true, value: own < 0 ? entries : entries.slice(0, own) }
  }

  /** The responses that lead here, back to the first one or to a conversation. */
  async #chainBefore(last: string, tenant: string): Promise<Parsed<readonly Step[]>> {
    const steps: Step[] = []
    for (let id = last; ; ) {
      const record = await this.#find(tenant, id)
      if (record === undefined) return failed(id === last ? previousNotFound(id) : chainBroken(last, id))
      if (record.state !== 'ended') return failed(previousUnfinished(id))
      steps.unshift({ items: record.input }, await this.outputOf(record))
      const { previous, conversation } = readAsk(record.request)
      if (conversation !== undefined) {
        const before = await this.#conversationBefore(conversation, tenant, record.id)
        return before.ok ? { ok: true, value: [...before.value, ...steps] } : before
      }
      if (previous === undefined) return { ok: true, value: steps }
      id = previous
    }
  }

  #turnsOf({ items, turn }: Step): readonly Turn[] {
    if (turn !== undefined) return [turn]
    if (items.length === 0) return []
    const decoded = this.#dialect.decodeRequest({ model: '-', input: items })
    // They were decoded when they were stored.
    return decoded.ok && 'turns' in decoded.value ? decoded.value.turns : []
  }

  /** Puts stored items in the place of references, and under the ids that their makers know them by. */
  async resolveReferences(wire: JsonObject, tenant: string): Promise<Parsed<JsonObject>> {
    if (!Array.isArray(wire.input)) return { ok: true, value: wire }
    const input: JsonObject[] = []
    for (const item of wire.input) {
      if (!isObject(item)) return { ok: true, value: wire }
      const owner = ownerOfItem(item.id)
      const wanted = isReference(item) || (item.type === 'reasoning' && owner !== undefined)
      const known = wanted ? await this.#findItem(String(item.id), tenant) : undefined
      if (known === undefined && isReference(item)) return failed(referenceNotFound(String(item.id)))
      input.push(isReference(item) ? (known ?? item) : { ...item, id: known?.id ?? item.id ?? null })
    }
    return { ok: true, value: { ...wire, input } }
  }

  /** An item by its id, as its maker knows it. */
  async #findItem(id: string, tenant: string): Promise<JsonObject | undefined> {
    const owner = ownerOfItem(id)
    const record = owner === undefined ? undefined : await this.#find(tenant, `resp_${owner}`)
    if (record === undefined) return this.#findConversationItem(id, `conv_${owner}`, tenant)
    const own = record.input.find(item => item.id === id)
    if (own !== undefined || record.state !== 'ended') return own
    const events = await loadEvents(this.#store, record.id)
    const [ours, theirs] = [{}, { keepsIds: true }].map(
      options => playWhole(this.#dialect, record, events, options).object.output,
    )
    if (!Array.isArray(ours) || !Array.isArray(theirs)) return undefined
    const at = ours.findIndex(item => isObject(item) && item.id === id)
    const found = theirs[at]
    return isObject(found) ? found : undefined
  }

  async #findConversationItem(
    id: string,
    conversation: string,
    tenant: string,
  ): Promise<JsonObject | undefined> {
    if ((await this.#store.findConversation(tenant, conversation)) === undefined) return undefined
    const entries = await this.#store.entries(conversation)
    return entries.flatMap(({ items }) => items).find(item => item.id === id)
  }
}

const failed = (fault: Fault): { readonly ok: false; readonly fault: Fault } => ({ ok: false, fault })
