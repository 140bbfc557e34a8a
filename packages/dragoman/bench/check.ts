// Whether an answer is complete and says what it should: a proxy that is fast because it drops things has not won.
import type { Job, WireName } from './protocol.ts'

interface Chat {
  choices?: readonly { message?: { content?: string }; delta?: { content?: string | null } }[]
}
interface Messages {
  type?: string
  content?: readonly { text?: string }[]
  delta?: { text?: string }
}
interface Responses {
  type?: string
  output?: readonly { content?: readonly { text?: string }[] }[]
  delta?: string
}

/** How the text of a whole answer and of one stream frame is found, and how a complete stream ends. */
const readers: {
  readonly [W in WireName]: {
    whole(json: unknown): string | undefined
    frame(json: unknown): string
    readonly end: string
  }
} = {
  chat: {
    whole: json => (json as Chat).choices?.[0]?.message?.content, // the caller catches what is not one
    frame: json => (json as Chat).choices?.[0]?.delta?.content ?? '', // as above
    end: 'data: [DONE]\n\n',
  },
  messages: {
    whole: json => (json as Messages).content?.[0]?.text, // as above
    frame: json => (json as Messages).delta?.text ?? '', // as above
    end: '"message_stop"}\n\n',
  },
  responses: {
    whole: json => (json as Responses).output?.at(-1)?.content?.[0]?.text, // as above
    frame(json) {
      const { type, delta } = json as Responses // as above
      return type === 'response.output_text.delta' ? (delta ?? '') : ''
    },
    end: '\n\n',
  },
}

const decoder = new TextDecoder()

function problemOf(expect: Job['expect'], bytes: Uint8Array): string | undefined {
  const text = decoder.decode(bytes)
  const reader = readers[expect.wire]
  try {
    if (!expect.stream) {
      return reader.whole(JSON.parse(text)) === expect.text
        ? undefined
        : `another text: ${text.slice(0, 300)}`
    }
    if (!text.endsWith(reader.end)) return `no end: ${text.slice(-300)}`
    let said = ''
    for (const line of text.split('\n'))
      if (line.startsWith('data: {')) said += reader.frame(JSON.parse(line.slice(6)))
    return said === expect.text ? undefined : `${said.length} characters: ${text.slice(0, 300)}`
  } catch (error) {
    return `${error}: ${text.slice(0, 300)}`
  }
}

/**
 * Checks every answer, and reads it in full only where its length is new or its turn has come: what is spent here is
 * taken from the proxies.
 */
export function createCheck(
  expect: Job['expect'],
): (status: number, bytes: Uint8Array) => string | undefined {
  const good = new Set<number>()
  let seen = 0
  return (status, bytes) => {
    if (status !== 200) return `status ${status}: ${decoder.decode(bytes).slice(0, 300)}`
    if (good.has(bytes.length) && seen++ % 64 !== 0) return undefined
    const problem = problemOf(expect, bytes)
    if (problem === undefined) good.add(bytes.length)
    return problem
  }
}

/** Whether the bytes of a stream so far hold content, by the first word that every answer starts with. */
export const hasContent = (bytes: Uint8Array, expect: Job['expect']): boolean =>
  decoder.decode(bytes).includes(`"${expect.text.split(' ')[0]}"`)
