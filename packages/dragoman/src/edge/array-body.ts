import { createSseParser } from '../wire/sse.ts'

const encoder = new TextEncoder()

/**
 * A stream of SSE frames as one JSON array, element by element, for callers who asked for no event stream (Gemini
 * without `alt=sse`): `[{...},\r\n{...}]`. Every frame becomes an element as it is, relayed or translated, a failure in
 * band the last one; comments, which keep a connection alive or tell notes, become white space. Whatever the ending, the
 * bytes are valid JSON.
 */
export function arrayBody(frames: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = frames.getReader()
  const framing = new ArrayFraming()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read()
        controller.enqueue(encoder.encode(done ? framing.end() : framing.push(value)))
        if (done) controller.close()
      },
      cancel: reason => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

class ArrayFraming {
  readonly #parser = createSseParser()
  #isOpen = false

  /** What these bytes add to the array; white space where they add nothing, because a pull has to give something. */
  push(bytes: Uint8Array): string {
    let text = ''
    for (const { data } of this.#parser.push(bytes)) if (data !== '') text += this.#element(data)
    return text === '' ? '\n' : text
  }

  end(): string {
    let text = ''
    for (const { data } of this.#parser.end()) if (data !== '') text += this.#element(data)
    return `${text}${this.#isOpen ? '' : '['}]`
  }

  #element(data: string): string {
    const before = this.#isOpen ? ',\r\n' : '['
    this.#isOpen = true
    return before + data
  }
}
