import { envelopeMark, type Keyring } from '../../custody/keyring.ts'

/** A response that an upstream keeps: where it is, and under which name. */
export interface Held {
  /** The upstream's own id. */
  readonly response: string
  /** Of the target: the provider's name in the configuration, and its name for the model. */
  readonly provider: string
  readonly model: string
  /** The fingerprint of the credential that it was made with. */
  readonly account: string
}

const prefix = 'resp_'

/** Whether only this gateway can read what stands under `encrypted_content`. */
export const isSealedHere = (content: string): boolean => content.startsWith(envelopeMark)

/** Longer than any id of this gateway's own, which could begin like an envelope by chance. */
const shortest = 64

/** Whether an id claims to be one of a response that an upstream keeps; only opening tells whether it is. */
export const isHeldId = (id: string): boolean => id.startsWith(prefix + envelopeMark) && id.length >= shortest

/**
 * The ids under which callers know what an upstream keeps for them: sealed for their tenant, because an upstream tells
 * only credentials apart, and all tenants share the operator's. The same response has the same id every time.
 */
export class HeldIds {
  readonly #keyring: Keyring

  constructor(keyring: Keyring) {
    this.#keyring = keyring
  }

  async seal({ response, provider, model, account }: Held, tenant: string): Promise<string> {
    const plain = JSON.stringify({ response, provider, model, account })
    return prefix + (await this.#keyring.sealSame(plain, tenant))
  }

  /** Undefined for whatever this gateway did not seal for this tenant, or not as an id. */
  async open(id: string, tenant: string): Promise<Held | undefined> {
    if (!isHeldId(id)) return undefined
    const plain = await this.#keyring.open(id.slice(prefix.length), tenant)
    if (plain === undefined) return undefined
    const held = JSON.parse(plain) as Partial<Held> // authenticated: we wrote it, though perhaps for another purpose
    const { response, provider, model, account } = held
    if (response === undefined || provider === undefined || model === undefined || account === undefined)
      return undefined
    return { response, provider, model, account }
  }
}
