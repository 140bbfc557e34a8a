import type { StateStore } from '../core/state-store.ts'

/** A store that is opened by the first who needs it, and again by the next where that failed: the disk may be back. */
export class LazyStateStore implements StateStore {
  readonly isLasting = true
  readonly #open: () => Promise<StateStore>
  #opened: Promise<StateStore> | undefined

  constructor(open: () => Promise<StateStore>) {
    this.#open = open
  }

  get #store(): Promise<StateStore> {
    this.#opened ??= this.#open().catch(error => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  readonly open: StateStore['open'] = async (...given) => (await this.#store).open(...given)
  readonly find: StateStore['find'] = async (...given) => (await this.#store).find(...given)
  readonly start: StateStore['start'] = async (...given) => (await this.#store).start(...given)
  readonly append: StateStore['append'] = async (...given) => (await this.#store).append(...given)
  readonly end: StateStore['end'] = async (...given) => (await this.#store).end(...given)
  readonly segments: StateStore['segments'] = async (...given) => (await this.#store).segments(...given)
  readonly remove: StateStore['remove'] = async (...given) => (await this.#store).remove(...given)
  readonly renew: StateStore['renew'] = async (...given) => (await this.#store).renew(...given)
  readonly abandoned: StateStore['abandoned'] = async (...given) => (await this.#store).abandoned(...given)
  readonly sweep: StateStore['sweep'] = async (...given) => (await this.#store).sweep(...given)
  readonly createConversation: StateStore['createConversation'] = async (...given) =>
    (await this.#store).createConversation(...given)
  readonly findConversation: StateStore['findConversation'] = async (...given) =>
    (await this.#store).findConversation(...given)
  readonly updateConversation: StateStore['updateConversation'] = async (...given) =>
    (await this.#store).updateConversation(...given)
  readonly removeConversation: StateStore['removeConversation'] = async (...given) =>
    (await this.#store).removeConversation(...given)
  readonly entries: StateStore['entries'] = async (...given) => (await this.#store).entries(...given)
  readonly addEntries: StateStore['addEntries'] = async (...given) => (await this.#store).addEntries(...given)
  readonly replaceEntry: StateStore['replaceEntry'] = async (...given) =>
    (await this.#store).replaceEntry(...given)

  async close(): Promise<void> {
    const store = await this.#opened?.catch(() => undefined)
    await store?.close()
  }
}
