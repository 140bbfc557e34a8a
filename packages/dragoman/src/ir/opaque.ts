import type { DialectId } from './extra.ts'

/** Where a piece of opaque state comes from: it is restored only there (law 5). Absent fields are not known. */
export interface Origin {
  readonly provider?: string
  readonly endpoint?: string
  /** A fingerprint of the credential it was made under: opaque state is often bound to an account. */
  readonly account?: string
  readonly family?: string
}

/**
 * State that only its maker can read: a signature over thinking text, a redacted thought, an encrypted reasoning item.
 * It is carried byte for byte, never edited, never invented.
 */
export interface Opaque {
  readonly form: 'signature' | 'redacted' | 'encrypted'
  readonly data: string
  /** The wire it was read from: no other dialect's encoder writes it (absent: nobody knows, so nobody writes it). */
  readonly dialect?: DialectId
  readonly origin?: Origin
}
