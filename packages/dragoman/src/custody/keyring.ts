import { decodeBase64, encodeBase64 } from './base64.ts'

/**
 * How every envelope begins. It is base64 itself (of six bytes), so that an envelope passes wherever base64 is checked
 * and is still recognised by its text, in a body that nobody parsed.
 */
export const envelopeMark = 'dragoman'

/** Layout of an envelope's bytes: mark (6), version (1), key id (4), nonce (12), ciphertext with its tag. */
const markBytes = 6
const version = 1
const keyIdBytes = 4
const nonceBytes = 12
const tagBytes = 16
const headBytes = markBytes + 1 + keyIdBytes

interface Key {
  readonly id: Uint8Array<ArrayBuffer>
  readonly key: CryptoKey
  /** Draws the nonces of what has to look the same every time. */
  readonly nonces: CryptoKey
}

const text = new TextEncoder()

/** Whether a text claims to be an envelope; only opening tells whether it is one. */
export const isEnvelope = (data: string): boolean => data.startsWith(envelopeMark)

const markText = text.encode(envelopeMark)
/** The rarest of its letters is looked for first, by the runtime's own search: every relayed body is searched. */
const rarest = envelopeMark.indexOf('g')

/** Whether these bytes hold the mark of an envelope anywhere. */
export function holdsMark(bytes: Uint8Array): boolean {
  const byte = markText[rarest] ?? 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) {
    if (markText.every((letter, index) => bytes[at - rarest + index] === letter)) return true
  }
  return false
}

/**
 * Seals text so that only this gateway can read it and only for the tenant it was sealed for: AES-256-GCM with a random
 * nonce, the head and the tenant authenticated. The first secret seals; the others are old ones, which only open.
 */
export class Keyring {
  readonly #secrets: readonly Uint8Array[]
  #keys: Promise<readonly Key[]> | undefined

  /** Secrets of at least 32 random bytes, the current one first. None: one is drawn that lives as long as this ring. */
  constructor(secrets: readonly Uint8Array[] = []) {
    this.#secrets = secrets.length > 0 ? secrets : [crypto.getRandomValues(new Uint8Array(32))]
  }

  /** Seals a text that does not end in white space. */
  async seal(plain: string, tenant: string): Promise<string> {
    return this.#seal(
      plain,
      tenant,
      await this.#current(),
      crypto.getRandomValues(new Uint8Array(nonceBytes)),
    )
  }

  /**
   * The same, and the same text every time, for what is compared. The nonce is drawn from the text and its tenant, so
   * that it never serves two texts; who sees two envelopes learns whether they are the same, and nothing else.
   */
  async sealSame(plain: string, tenant: string): Promise<string> {
    const current = await this.#current()
    const drawn = await crypto.subtle.sign(
      'HMAC',
      current.nonces,
      text.encode(JSON.stringify([tenant, plain])),
    )
    return this.#seal(plain, tenant, current, new Uint8Array(drawn, 0, nonceBytes))
  }

  async #current(): Promise<Key> {
    const [current] = await this.#load()
    if (current === undefined) throw new Error('a keyring without keys')
    return current
  }

  async #seal(plain: string, tenant: string, current: Key, nonce: Uint8Array<ArrayBuffer>): Promise<string> {
    const head = new Uint8Array(headBytes)
    head.set(decodeBase64(envelopeMark) ?? [])
    head[markBytes] = version
    head.set(current.id, markBytes + 1)
    const bytes = text.encode(plain + padding(text.encode(plain).length))
    const sealed = await crypto.subtle.encrypt(parameters(nonce, head, tenant), current.key, bytes)
    const envelope = new Uint8Array(headBytes + nonceBytes + sealed.byteLength)
    envelope.set(head)
    envelope.set(nonce, headBytes)
    envelope.set(new Uint8Array(sealed), headBytes + nonceBytes)
    return encodeBase64(envelope)
  }

  /** What was sealed; undefined for anything else: forged, damaged, another tenant's, or of a key that is gone. */
  async open(envelope: string, tenant: string): Promise<string | undefined> {
    const bytes = isEnvelope(envelope) ? decodeBase64(envelope) : undefined
    if (bytes === undefined || bytes.length < headBytes + nonceBytes + tagBytes) return undefined
    if (bytes[markBytes] !== version) return undefined
    const head = bytes.slice(0, headBytes)
    const nonce = bytes.slice(headBytes, headBytes + nonceBytes)
    const id = head.subarray(markBytes + 1)
    const found = (await this.#load()).find(key => key.id.every((byte, index) => byte === id[index]))
    if (found === undefined) return undefined
    try {
      const sealed = bytes.slice(headBytes + nonceBytes)
      const plain = await crypto.subtle.decrypt(parameters(nonce, head, tenant), found.key, sealed)
      return new TextDecoder().decode(plain).trimEnd()
    } catch {
      // The one way in which Web Crypto says that the tag does not match.
      return undefined
    }
  }

  #load(): Promise<readonly Key[]> {
    this.#keys ??= Promise.all(this.#secrets.map(importKey))
    return this.#keys
  }
}

/** Spaces that make the envelope a multiple of three bytes: its base64 then has no padding to lose on the way. */
const padding = (length: number): string =>
  ' '.repeat((3 - ((headBytes + nonceBytes + length + tagBytes) % 3)) % 3)

function parameters(nonce: Uint8Array<ArrayBuffer>, head: Uint8Array<ArrayBuffer>, tenant: string) {
  const name = text.encode(tenant)
  const additionalData = new Uint8Array(head.length + name.length)
  additionalData.set(head)
  additionalData.set(name, head.length)
  return { name: 'AES-GCM', iv: nonce, additionalData }
}

const hmac = { name: 'HMAC', hash: 'SHA-256' }

/** The key of a secret, and the id that tells which of several it is. Both are derived, so neither gives away the other. */
async function importKey(secret: Uint8Array): Promise<Key> {
  const [material, id, drawing] = await Promise.all([
    derive('seal', secret),
    derive('id', secret),
    derive('nonce', secret),
  ])
  const key = await crypto.subtle.importKey('raw', material, 'AES-GCM', false, ['encrypt', 'decrypt'])
  const nonces = await crypto.subtle.importKey('raw', drawing, hmac, false, ['sign'])
  return { id: new Uint8Array(id).slice(0, keyIdBytes), key, nonces }
}

async function derive(purpose: string, secret: Uint8Array): Promise<ArrayBuffer> {
  const base = await crypto.subtle.importKey('raw', new Uint8Array(secret), hmac, false, ['sign'])
  return crypto.subtle.sign('HMAC', base, text.encode(`dragoman custody ${purpose}`))
}
