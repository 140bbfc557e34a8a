const percent = 0x25

/** Percent-encoded text as the bytes it stands for. */
function unescapeBytes(text: string): Uint8Array {
  const from = new TextEncoder().encode(text)
  const bytes = new Uint8Array(from.length)
  let size = 0
  for (let at = 0; at < from.length; at++) {
    const code = from[at] ?? 0
    const digits = code === percent ? text16(from, at + 1) : ''
    const isEscape = /^[0-9a-f]{2}$/i.test(digits)
    bytes[size++] = isEscape ? Number.parseInt(digits, 16) : code
    if (isEscape) at += 2
  }
  return bytes.subarray(0, size)
}

const text16 = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 2))

/** The bytes of a `data:` URL and what it calls them (RFC 2397); none where it holds none. */
export function readDataUrl(url: string): { readonly bytes: Uint8Array; readonly contentType: string } {
  const comma = url.indexOf(',')
  const head = comma < 0 ? '' : url.slice('data:'.length, comma)
  const body = comma < 0 ? '' : url.slice(comma + 1)
  const isBase64 = /;\s*base64$/i.test(head)
  const contentType = (isBase64 ? head.slice(0, head.lastIndexOf(';')) : head) || 'text/plain'
  if (!isBase64) return { bytes: unescapeBytes(body), contentType }
  try {
    const binary = atob(body.includes('%') ? decodeURIComponent(body) : body)
    return { bytes: Uint8Array.from(binary, character => character.charCodeAt(0)), contentType }
  } catch {
    return { bytes: new Uint8Array(), contentType }
  }
}

/** Plain base64. Media are megabytes: where the runtime has a way of its own, that is used. */
export function writeBase64(bytes: Uint8Array): string {
  if ('toBase64' in bytes && typeof bytes.toBase64 === 'function') return bytes.toBase64()
  let binary = ''
  // Spreading a large array would overflow the stack.
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(binary)
}
