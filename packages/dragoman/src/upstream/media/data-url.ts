/** The bytes of a `data:` URL and what it calls them (RFC 2397); undefined where it holds none. */
export function readDataUrl(
  url: string,
): { readonly bytes: Uint8Array; readonly contentType: string } | undefined {
  const comma = url.indexOf(',')
  if (!/^data:/i.test(url) || comma < 0) return undefined
  const head = url.slice('data:'.length, comma)
  const isBase64 = /;\s*base64$/i.test(head)
  const contentType = (isBase64 ? head.slice(0, head.lastIndexOf(';')) : head) || 'text/plain'
  try {
    const text = decodeURIComponent(url.slice(comma + 1))
    const bytes = isBase64
      ? Uint8Array.from(atob(text), character => character.charCodeAt(0))
      : new TextEncoder().encode(text)
    return { bytes, contentType }
  } catch {
    return undefined
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
