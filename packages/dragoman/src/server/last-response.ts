type Json = { readonly [name: string]: unknown }

const itemsOf = (input: unknown): readonly unknown[] =>
  typeof input === 'string' ? [{ role: 'user', content: input }] : Array.isArray(input) ? input : []

/** A call as it is sent on, and how its events are read. */
export interface Continued {
  readonly body: Json
  /** Takes the data of an event; gives it as the client hears it. */
  read(data: string): string
}

/**
 * The last response of a connection, for clients that store nothing and still continue it by its id: on this transport
 * the server remembers the one before as long as the connection lives.
 */
export class LastResponse {
  #id: string | undefined
  #items: readonly unknown[] = []

  continue(body: Json): Continued {
    // What is stored is continued from the store.
    if (body.store !== false) return { body, read: data => data }
    const previous = this.#id !== undefined && body.previous_response_id === this.#id ? this.#id : undefined
    const own = itemsOf(body.input)
    const input = previous === undefined ? own : [...this.#items, ...own]
    const { previous_response_id: _, ...rest } = body
    return {
      body: previous === undefined ? body : { ...rest, input },
      read: data => this.#read(data, input, previous),
    }
  }

  /** Events of the response itself repeat what it continues; the last one has what it said. */
  #read(data: string, input: readonly unknown[], previous: string | undefined): string {
    if (!/^\{"type":"response\.(created|queued|in_progress|completed|incomplete|failed)"/.test(data))
      return data
    const event = JSON.parse(data) as { type: string; response: Json } // an event of ours
    const { response } = event
    if (event.type === 'response.completed' || event.type === 'response.incomplete') {
      this.#id = String(response.id)
      this.#items = [...input, ...itemsOf(response.output)]
    }
    if (previous === undefined) return data
    return JSON.stringify({ ...event, response: { ...response, previous_response_id: previous } })
  }
}
