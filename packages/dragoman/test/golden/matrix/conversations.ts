import type { WireDialect } from '@dragoman/fixtures'
import type { Heard } from './client.ts'

export type Form = 'whole' | 'stream'

/** One field of the matrix, as far as an expectation depends on it. */
export interface Field {
  readonly caller: WireDialect
  readonly provider: WireDialect
  readonly form: Form
}

/** What has to come out of a cell. */
export type Expected =
  | {
      readonly kind: 'answer'
      readonly candidates: readonly Heard[]
      readonly usage: { readonly input: number; readonly output: number }
    }
  /** The gateway refuses: this cell cannot work. Nothing is sent upstream. */
  | { readonly kind: 'refusal'; readonly code: string; readonly param: string; readonly sentence: string }
  /** The client hears of a failure: by status before content, in band after it. */
  | { readonly kind: 'error'; readonly status?: number; readonly sentence: string }

/** One conversation of the matrix: what is asked in every dialect, and what every provider answers. */
export interface Conversation {
  readonly name: string
  /** Name of the request's wire fixture, where it is not the conversation's own. */
  readonly request?: string
  /** Name of the answer's wire fixture, as above. */
  readonly answer?: string | ((field: Field) => string)
  /** The upstream's model, where the conversation needs one of a certain family. */
  readonly model?: { readonly [D in WireDialect]: string }
  /** How the provider ends the call badly. */
  readonly failure?: 'before' | 'during' | 'after'
  readonly forms?: readonly Form[]
  /** Chat callers do not ask for the usage of the stream, as most do not. */
  readonly withoutUsage?: true
  readonly expected: (field: Field) => Expected
}

export const models: { readonly [D in WireDialect]: string } = {
  'openai-chat': 'gpt-4.1',
  'openai-responses': 'gpt-4.1',
  'anthropic-messages': 'claude-sonnet-4-5',
}

const reasoners: { readonly [D in WireDialect]: string } = {
  'openai-chat': 'reasoner-1',
  'openai-responses': 'gpt-5.1',
  'anthropic-messages': 'claude-opus-4-6',
}

const answers =
  (heard: Heard, input: number, output: number): Conversation['expected'] =>
  () => ({ kind: 'answer', candidates: [heard], usage: { input, output } })

const fails =
  (sentence: string, status?: { readonly [D in WireDialect]: number }): Conversation['expected'] =>
  ({ caller }) => ({ kind: 'error', sentence, ...(status === undefined ? {} : { status: status[caller] }) })

const everywhere = (status: number) => ({
  'openai-chat': status,
  'openai-responses': status,
  'anthropic-messages': status,
})

const tides = 'High tide is at 06:12. Low tide is at 12:30.'
const forecast = '{"city":"Oslo","degrees":7}'
const declined = 'I can’t help with that.'
const engine = 'The server had an error while processing your request.'

/** Addresses are cited alike by both OpenAI wires; the rest has no word elsewhere, and Messages forges no position. */
const citations: {
  readonly [caller in WireDialect]: { readonly [provider in WireDialect]: readonly string[] }
} = {
  'openai-chat': {
    'openai-chat': ['https://tides.example/oslo'],
    'openai-responses': ['https://tides.example/oslo'],
    'anthropic-messages': [],
  },
  'openai-responses': {
    'openai-chat': ['https://tides.example/oslo'],
    'openai-responses': ['https://tides.example/oslo', 'tides.pdf'],
    'anthropic-messages': [],
  },
  'anthropic-messages': {
    'openai-chat': [],
    'openai-responses': [],
    'anthropic-messages': ['tides.pdf'],
  },
}

function expectCitations({ caller, provider }: Field): Expected {
  const cited = citations[caller][provider]
  const heard: Heard = { text: tides, ...(cited.length === 0 ? {} : { citations: cited }), ending: 'stop' }
  return { kind: 'answer', candidates: [heard], usage: { input: 300, output: 18 } }
}

/** A search that the provider runs has no equal elsewhere: it is refused by name, never left out in silence. */
function expectSearch({ caller, provider }: Field): Expected {
  if (caller === provider) {
    const usage = caller === 'openai-chat' ? { input: 300, output: 18 } : { input: 900, output: 40 }
    const heard: Heard = { text: tides, citations: ['https://tides.example/oslo'], ending: 'stop' }
    return { kind: 'answer', candidates: [heard], usage }
  }
  if (caller === 'openai-chat') {
    const param = 'web_search_options'
    const sentence = 'has no field for what openai-chat calls web_search_options.'
    return { kind: 'refusal', code: 'unsupported_parameter', param, sentence }
  }
  const tool = caller === 'openai-responses' ? 'web_search' : 'web_search_20250305'
  return { kind: 'refusal', code: 'unsupported_tool', param: 'tools[0]', sentence: tool }
}

/** OpenAI refuses in words of the answer, Anthropic by how it ends; each side hears it as its own wire says it. */
function expectRefusal({ caller, provider }: Field): Expected {
  const isFiltered = caller === 'anthropic-messages' || provider === 'anthropic-messages'
  const isText = caller === 'anthropic-messages' && provider !== 'anthropic-messages'
  const heard: Heard = {
    text: isText ? declined : '',
    refusal: declined,
    ending: isFiltered ? 'filtered' : 'stop',
  }
  return { kind: 'answer', candidates: [heard], usage: { input: 14, output: 9 } }
}

/** Only chat has `n`. Where the provider has not, the same question is asked three times. */
function expectCandidates({ caller, provider }: Field): Expected {
  const say = (text: string): Heard => ({ text, ending: 'stop' })
  if (caller !== 'openai-chat')
    return { kind: 'answer', candidates: [say('One.')], usage: { input: 12, output: 2 } }
  return provider === 'openai-chat'
    ? {
        kind: 'answer',
        candidates: [say('One.'), say('Two.'), say('Three.')],
        usage: { input: 12, output: 6 },
      }
    : {
        kind: 'answer',
        candidates: [say('One.'), say('One.'), say('One.')],
        usage: { input: 36, output: 6 },
      }
}

const call = (name: string, input: unknown) => ({ name, input })

export const conversations: readonly Conversation[] = [
  {
    name: 'text',
    withoutUsage: true,
    expected: answers({ text: 'Good morning, harbour ⚓.', ending: 'stop' }, 21, 6),
  },
  { name: 'image', expected: answers({ text: 'A red dot, then a lighthouse.', ending: 'stop' }, 120, 8) },
  {
    name: 'tools',
    expected: answers(
      {
        text: 'Rome, then.',
        calls: [call('get_weather', { city: 'Rome' }), call('get_time', { zone: 'Europe/Rome' })],
        ending: 'calls',
      },
      140,
      44,
    ),
  },
  {
    name: 'thinking',
    model: reasoners,
    expected: answers(
      { text: '', thinking: 'Now 89.', calls: [call('check_prime', { n: 89 })], ending: 'calls' },
      80,
      30,
    ),
  },
  { name: 'structured', expected: answers({ text: forecast, ending: 'stop' }, 60, 12) },
  {
    name: 'structured-tools',
    answer: 'structured',
    expected: answers({ text: forecast, ending: 'stop' }, 60, 12),
  },
  { name: 'refusal', expected: expectRefusal },
  { name: 'citations', expected: expectCitations },
  {
    name: 'web-search',
    answer: ({ provider }) => (provider === 'openai-chat' ? 'citations' : 'web-search'),
    expected: expectSearch,
  },
  {
    name: 'candidates',
    answer: ({ caller, provider }) =>
      caller === 'openai-chat' && provider === 'openai-chat' ? 'candidates' : 'candidate',
    expected: expectCandidates,
  },
  {
    name: 'rate-limited',
    request: 'text',
    failure: 'before',
    expected: ({ caller, provider }) => {
      const isMessages = provider === 'anthropic-messages'
      const sentence = isMessages
        ? 'This request would exceed your rate limit.'
        : 'Rate limit reached for requests.'
      return fails(sentence, everywhere(429))({ caller, provider, form: 'whole' })
    },
  },
  {
    name: 'bad-request',
    request: 'text',
    failure: 'before',
    expected: fails('emperature', everywhere(400)),
  },
  {
    name: 'overloaded',
    request: 'text',
    failure: 'before',
    // 529 is Anthropic's own; for everybody else an overload is a 503.
    expected: fails('verloaded', { ...everywhere(503), 'anthropic-messages': 529 }),
  },
  {
    name: 'error-during',
    request: 'text',
    failure: 'during',
    expected: field =>
      field.form === 'whole'
        ? fails(
            'The upstream answered with a body that ends too early or is not JSON.',
            everywhere(502),
          )(field)
        : fails(field.provider === 'anthropic-messages' ? 'Overloaded' : engine)(field),
  },
  {
    name: 'error-after',
    request: 'text',
    failure: 'after',
    forms: ['stream'],
    expected: field => fails(field.provider === 'anthropic-messages' ? 'Overloaded' : engine)(field),
  },
]
