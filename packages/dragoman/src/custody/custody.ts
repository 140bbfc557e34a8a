import type { Ambient, Handles, Log } from '../core/ports.ts'
import type { Encoded } from '../ir/note.ts'
import type { Origin } from '../ir/opaque.ts'
import type { GenerateRequest } from '../ir/request.ts'
import type { Claims } from './claims.ts'
import { Keeper, type Keeping } from './keep.ts'
import { type Keepsake, parseKeepsake, writeKeepsake } from './keepsake.ts'
import { Keyring } from './keyring.ts'
import { createMemoryHandles } from './memory-handles.ts'
import { restore } from './restore.ts'

/** How long state is kept under a handle: as long as a stored response (DESIGN, Responses state). */
export const handleLifetime = 30 * 24 * 60 * 60 * 1000

export interface CustodyPorts {
  /** Secrets that envelopes are sealed with, the current one first; without any they last as long as this process. */
  readonly secrets?: readonly Uint8Array[] | undefined
  /** Without one, handles last as long as this process. */
  readonly handles?: Handles | undefined
  readonly ambient: Ambient
  readonly log: Log
}

/**
 * Keeps the state that only its provider can read (law 5): seals it for callers who cannot carry it as it is, and gives
 * it back to the provider, account and model it came from, and to nobody else.
 */
export class Custody {
  /** Also seals what else is a tenant's alone. */
  readonly keyring: Keyring
  readonly #handles: Handles
  readonly #ports: CustodyPorts

  constructor(ports: CustodyPorts) {
    this.#ports = ports
    this.keyring = new Keyring(ports.secrets)
    this.#handles = ports.handles ?? createMemoryHandles(() => ports.ambient.now())
  }

  /** Takes the state of one answer into custody on its way to the caller. `origin` is asked for when there is some. */
  keeper(keeping: Omit<Keeping, 'seal' | 'put'>, origin: () => Promise<Origin>, tenant: string): Keeper {
    return new Keeper({
      ...keeping,
      seal: async kept => this.keyring.seal(writeKeepsake({ ...kept, origin: await origin() }), tenant),
      put: (handle, state) => this.#put(tenant, handle, state),
    })
  }

  async #put(tenant: string, handle: string, state: string): Promise<boolean> {
    try {
      await this.#handles.put(tenant, handle, state, this.#ports.ambient.now() + handleLifetime)
      return true
    } catch (error) {
      this.#ports.log('error', 'opaque state could not be stored', { error: String(error) })
      return false
    }
  }

  /** The request with what its history claims, as far as it may go there. */
  async restore(
    request: GenerateRequest,
    claims: Claims,
    to: Origin,
    tenant: string,
  ): Promise<Encoded<GenerateRequest>> {
    const [envelopes, stored] = await Promise.all([
      this.#open(
        [...claims.envelopes].map(envelope => [envelope, envelope]),
        tenant,
      ),
      this.#get([...claims.handles], tenant),
    ])
    const handles = await this.#open([...stored], tenant)
    return restore(request, { envelopes, handles }, to)
  }

  async #get(handles: readonly string[], tenant: string): Promise<ReadonlyMap<string, string>> {
    if (handles.length === 0) return new Map()
    try {
      return await this.#handles.get(tenant, handles)
    } catch (error) {
      this.#ports.log('error', 'opaque state could not be read', { error: String(error) })
      return new Map()
    }
  }

  async #open(
    sealed: readonly (readonly [string, string])[],
    tenant: string,
  ): Promise<ReadonlyMap<string, Keepsake>> {
    const opened = await Promise.all(
      sealed.map(async ([name, envelope]) => [name, await this.keyring.open(envelope, tenant)] as const),
    )
    const found = new Map<string, Keepsake>()
    for (const [name, plain] of opened) {
      const keepsake = plain === undefined ? undefined : parseKeepsake(plain)
      if (keepsake !== undefined) found.set(name, keepsake)
    }
    return found
  }
}
