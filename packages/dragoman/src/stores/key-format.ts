import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** A key cut into its parts: `dk_<id>_<secret><checksum>`. */
export interface PresentedKey {
  /** Public: names the key in lists and logs. */
  readonly id: string
  readonly secret: string
}

const idLength = 12
/** 62^43 is above 2^256: no hash of it can be searched through. */
const secretLength = 43
const checksumLength = 6
const pattern = new RegExp(
  `^dk_([A-Za-z0-9]{${idLength}})_([A-Za-z0-9]{${secretLength}})([A-Za-z0-9]{${checksumLength}})$`,
)

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Tells a mistyped or made-up key from a real one without a look into the store, and scanners for leaked secrets from noise. */
function checksumOf(id: string, secret: string): string {
  const hash = createHash('sha256').update(`dk_${id}_${secret}`).digest()
  return Array.from(hash.subarray(0, checksumLength), byte => digits[byte % digits.length]).join('')
}

export function writeKey({ id, secret }: PresentedKey): string {
  return `dk_${id}_${secret}${checksumOf(id, secret)}`
}

/** A new key; `randomId` gives unguessable characters of [A-Za-z0-9]. */
export function createKey(randomId: (length: number) => string): PresentedKey {
  return { id: randomId(idLength), secret: randomId(secretLength) }
}

/** The parts of a presented key, or undefined for what cannot be one of ours. */
export function parseKey(text: string): PresentedKey | undefined {
  const [, id, secret, checksum] = pattern.exec(text) ?? []
  if (id === undefined || secret === undefined || checksum === undefined) return undefined
  return isSame(checksum, checksumOf(id, secret)) ? { id, secret } : undefined
}

/** What the store keeps of a key: useless without the pepper, which is not in the store. */
export function digestOf(secret: string, pepper: Uint8Array): string {
  return createHmac('sha256', pepper).update(secret).digest('hex')
}

/** Compares without telling by its duration where two texts differ; both are hashed first, so that lengths do not show. */
export function isSame(one: string, other: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(one), hash(other))
}
