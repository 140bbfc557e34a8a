import type { ByteReader, UpstreamResponse } from '../core/ports.ts'
import { readAll } from './fetch-transport.ts'

/** A reader that gives what was read from it once more. */
class Rereader implements ByteReader {
  #first: Awaited<ReturnType<ByteReader['read']>> | undefined
  readonly #rest: ByteReader

  constructor(first: Awaited<ReturnType<ByteReader['read']>>, rest: ByteReader) {
    this.#first = first
    this.#rest = rest
  }

  read(): ReturnType<ByteReader['read']> {
    if (this.#first === undefined) return this.#rest.read()
    const first = Promise.resolve(this.#first)
    this.#first = undefined
    return first
  }

  cancel(): Promise<void> {
    return this.#rest.cancel()
  }
}

/**
 * No stream of events begins like JSON or a page; the byte order mark and white space say nothing. A binary stream
 * begins with a length, whose first byte is zero.
 */
const isDocument = (bytes: Uint8Array): boolean => {
  if (bytes[0] === 0) return false
  const first = bytes.find(byte => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf)
  return first === 0x7b || first === 0x5b || first === 0x3c
}

/**
 * Whether a response that was asked to stream does. Hosts get the content type wrong in both directions and leave it
 * out, so the first bytes decide. Rejects when the connection breaks before them.
 */
export async function sniff(
  response: UpstreamResponse,
): Promise<{ readonly isStream: boolean; readonly response: UpstreamResponse }> {
  const { status, headers, body } = response
  const first = await body.read()
  const reader = new Rereader(first, body)
  return {
    isStream: first.value !== undefined && !isDocument(first.value),
    response: { status, headers, body: reader, bytes: limit => readAll(reader, limit) },
  }
}
