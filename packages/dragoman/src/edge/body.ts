import type { Ambient } from '../core/ports.ts'
import { createFault, type Fault, type Parsed } from '../ir/fault.ts'

const failed = (fault: Fault): { readonly ok: false; readonly fault: Fault } => ({ ok: false, fault })

/** Milliseconds for a small body, and for the next piece of a large one: a client that sends less holds a socket for nothing. */
const patience = 30_000
/** Bodies up to this many bytes are waited for as a whole. */
const inOnePiece = 1024 * 1024

const late = createFault(
  'request_timeout',
  `The request body did not arrive: nothing came for ${patience / 1000} s. Send it again.`,
)

const tooLarge = (limit: number) =>
  failed(createFault('request_too_large', `The request body is larger than the limit of ${limit} bytes.`))

/** What a promise gives, or `late` where it takes too long. */
function inTime<T>(promise: Promise<T>, ambient: Ambient): Promise<T | 'late'> {
  return new Promise((resolve, reject) => {
    const cancel = ambient.after(patience, () => resolve('late'))
    promise.then(
      value => {
        cancel()
        resolve(value)
      },
      error => {
        cancel()
        reject(error)
      },
    )
  })
}

/** A request's body, counted while it comes: too large, too late, compressed or not JSON is a fault that says so. */
export async function readBody(
  request: Request,
  limit: number,
  ambient: Ambient,
): Promise<Parsed<Uint8Array>> {
  const type = request.headers.get('content-type')
  if (type !== null && !/^application\/(?:[\w.+-]*\+)?json\b/i.test(type)) {
    const message = `The content type has to be application/json, not "${type.slice(0, 80)}".`
    return failed(createFault('unsupported_media_type', message))
  }
  const encoding = request.headers.get('content-encoding')
  if (encoding !== null && encoding !== 'identity') {
    return failed(
      createFault('unsupported_media_type', 'Compressed request bodies are not accepted; send plain JSON.'),
    )
  }
  const announced = Number(request.headers.get('content-length') ?? Number.NaN)
  if (announced > limit) return tooLarge(limit)
  try {
    // Touching `body` makes a stream, which costs more than collecting the bytes.
    if (announced >= 0 && announced <= inOnePiece) {
      const bytes = await inTime(request.arrayBuffer(), ambient)
      if (bytes === 'late') return failed(late)
      return bytes.byteLength > limit ? tooLarge(limit) : { ok: true, value: new Uint8Array(bytes) }
    }
    if (request.body === null) return { ok: true, value: new Uint8Array(0) }
    return (await readCounted(request.body, limit, ambient)) ?? tooLarge(limit)
  } catch {
    return failed(createFault('invalid_request', 'The request body ended before it was complete.'))
  }
}

/** A body of unknown length: counted while it comes, given up as soon as it is too large. */
async function readCounted(
  body: ReadableStream<Uint8Array>,
  limit: number,
  ambient: Ambient,
): Promise<Parsed<Uint8Array> | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = body.getReader()
  for (;;) {
    const read = await inTime(reader.read(), ambient)
    if (read === 'late') {
      void reader.cancel().catch(() => {})
      return failed(late)
    }
    if (read.done) break
    size += read.value.length
    if (size > limit) {
      await reader.cancel()
      return undefined
    }
    chunks.push(read.value)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return { ok: true, value: whole }
}
