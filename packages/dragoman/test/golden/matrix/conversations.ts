import type { WireDialect } from '@dragoman/fixtures'
import type { CallerDialect } from './cell.ts'
import type { Heard } from './client.ts'

export type Form = 'whole' | 'stream'

/** One field of the matrix, as far as an expectation depends on it. */
export interface Field {
  readonly caller: CallerDialect
  readonly provider: WireDialect
  readonly form: Form
  readonly mode?: 'relay' | 'translate'
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
  gemini: 'gemini-2.5-flash',
  'bedrock-converse': 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  cohere: 'command-a-03-2025',
}

const reasoners: { readonly [D in WireDialect]: string } = {
  'openai-chat': 'reasoner-1',
  'openai-responses': 'gpt-5.1',
  'anthropic-messages': 'claude-opus-4-6',
  gemini: 'gemini-3-pro-preview',
  'bedrock-converse': 'anthropic.claude-opus-4-6-v1',
  cohere: 'command-a-reasoning-08-2025',
}

const answers =
  (heard: Heard, input: number, output: number): Conversation['expected'] =>
  () => ({ kind: 'answer', candidates: [heard], usage: { input, output } })

const fails =
  (sentence: string, status?: { readonly [D in CallerDialect]: number }): Conversation['expected'] =>
  ({ caller }) => ({ kind: 'error', sentence, ...(status === undefined ? {} : { status: status[caller] }) })

const everywhere = (status: number) => ({
  'openai-chat': status,
  'openai-responses': status,
  'anthropic-messages': status,
  gemini: status,
})

const tides = 'High tide is at 06:12. Low tide is at 12:30.'
const forecast = '{"city":"Oslo","degrees":7}'
const declined = 'I can’t help with that.'
const engine = 'The server had an error while processing your request.'

/** What each provider cites here: an address, a document, or both. */
const cited: { readonly [provider in WireDialect]: readonly string[] } = {
  'openai-chat': ['https://tides.example/oslo'],
  'openai-responses': ['https://tides.example/oslo', 'tides.pdf'],
  'anthropic-messages': ['tides.pdf'],
  gemini: ['tides.pdf'],
  'bedrock-converse': ['tides.pdf'],
  cohere: ['tides.pdf'],
}

/** Chat has a word for addresses alone; Responses and Messages cite documents only by ids and places they know. */
function citedTo(caller: CallerDialect, provider: WireDialect): readonly string[] {
  if (caller === provider || caller === 'gemini') return cited[provider]
  const isOpenai = caller === 'openai-chat' || caller === 'openai-responses'
  return isOpenai ? cited[provider].filter(source => source.startsWith('https:')) : []
}

/** The place of a part of the only message, in the caller's words. */
const placeOf = (caller: CallerDialect, part: number): string =>
  ({
    'openai-chat': `messages[0].content[${part}]`,
    'openai-responses': `input[0].content[${part}]`,
    'anthropic-messages': `messages[0].content[${part}]`,
    gemini: `contents[0].parts[${part}]`,
  })[caller]

/** Files are text to one provider, which says so. */
function expectCitations({ caller, provider }: Field): Expected {
  if (provider === 'cohere')
    return {
      kind: 'refusal',
      code: 'unsupported_parameter',
      param: placeOf(caller, 0),
      sentence: 'files are text here',
    }
  const citations = citedTo(caller, provider)
  const heard: Heard = { text: tides, ...(citations.length === 0 ? {} : { citations }), ending: 'stop' }
  return { kind: 'answer', candidates: [heard], usage: { input: 300, output: 18 } }
}

/** Pictures: where one is taken as bytes only, the gateway fetches it; one of the models takes none. */
function expectImage({ caller, provider }: Field): Expected {
  if (provider !== 'cohere')
    return answers(
      { text: 'A red dot, then a lighthouse.', ending: 'stop' },
      120,
      8,
    )({ caller, provider, form: 'whole' })
  const sentence = 'does not take input.image'
  return { kind: 'refusal', code: 'unsupported_parameter', param: placeOf(caller, 1), sentence }
}

/** One provider plans its calls aloud, in a field of its own: its plan is a thought, not a text. */
const expectTools: Conversation['expected'] = ({ provider }) => {
  const said = 'Rome, then.'
  const calls = [call('get_weather', { city: 'Rome' }), call('get_time', { zone: 'Europe/Rome' })]
  const heard: Heard =
    provider === 'cohere'
      ? { text: '', thinking: said, calls, ending: 'calls' }
      : { text: said, calls, ending: 'calls' }
  return { kind: 'answer', candidates: [heard], usage: { input: 140, output: 44 } }
}

/** Wires that tell of a search their provider ran. */
const searching: readonly WireDialect[] = ['openai-responses', 'anthropic-messages', 'gemini']

/** A search that the provider runs has no equal elsewhere: it is refused by name, never left out in silence. */
function expectSearch({ caller, provider }: Field): Expected {
  const heard: Heard = { text: tides, citations: ['https://tides.example/oslo'], ending: 'stop' }
  if (caller === provider) {
    if (caller === 'gemini')
      return {
        kind: 'answer',
        candidates: [{ ...heard, text: '⚓ High tide is at 06:12.' }],
        usage: { input: 50, output: 14 },
      }
    const usage = caller === 'openai-chat' ? { input: 300, output: 18 } : { input: 900, output: 40 }
    return { kind: 'answer', candidates: [heard], usage }
  }
  if (caller === 'openai-chat') {
    const param = 'web_search_options'
    const sentence = 'has no field for what openai-chat calls web_search_options.'
    return { kind: 'refusal', code: 'unsupported_tool', param, sentence }
  }
  const tools = {
    'openai-responses': 'web_search',
    'anthropic-messages': 'web_search_20250305',
    gemini: 'googleSearch',
  }
  return { kind: 'refusal', code: 'unsupported_tool', param: 'tools[0]', sentence: tools[caller] }
}

/** Wires whose providers refuse by how an answer ends; the others do in words of the answer. */
const endsRefused: readonly WireDialect[] = ['anthropic-messages', 'gemini']

/** Each caller hears a refusal as its own wire says it; where the provider has no word for one, it is what was said. */
function expectRefusal({ caller, provider }: Field): Expected {
  const usage = { input: 14, output: provider === 'gemini' ? 0 : 9 }
  const hears = (heard: Heard): Expected => ({ kind: 'answer', candidates: [heard], usage })
  if (provider === 'bedrock-converse') return hears({ text: declined, ending: 'filtered' })
  if (provider === 'cohere') return hears({ text: declined, ending: 'stop' })
  const inWords = !endsRefused.includes(provider)
  if (caller === 'gemini' && inWords) return hears({ text: declined, ending: 'filtered' })
  return hears({
    text: caller === 'anthropic-messages' && inWords ? declined : '',
    refusal: declined,
    ending: endsRefused.includes(caller) || !inWords ? 'filtered' : 'stop',
  })
}

/** Two wires let a caller ask for several. Where the provider has no such word, the same question is asked three times. */
function expectCandidates({ caller, provider }: Field): Expected {
  const say = (text: string): Heard => ({ text, ending: 'stop' })
  const answer = (texts: readonly string[], input: number, output: number): Expected => ({
    kind: 'answer',
    candidates: texts.map(say),
    usage: { input, output },
  })
  if (!asksSeveral.includes(caller)) return answer(['One.'], 12, 2)
  return asksSeveral.includes(provider)
    ? answer(['One.', 'Two.', 'Three.'], 12, 6)
    : answer(['One.', 'One.', 'One.'], 36, 6)
}

const asksSeveral: readonly WireDialect[] = ['openai-chat', 'gemini']

/** What each provider says when it has no capacity left for this caller, at all, and in the middle of an answer. */
const complaints: {
  readonly [provider in WireDialect]: { readonly limited: string; readonly broken: string }
} = {
  'openai-chat': { limited: 'Rate limit reached for requests.', broken: engine },
  'openai-responses': { limited: 'Rate limit reached for requests.', broken: engine },
  'anthropic-messages': { limited: 'This request would exceed your rate limit.', broken: 'Overloaded' },
  gemini: {
    limited: 'Resource has been exhausted',
    broken: 'The model is overloaded. Please try again later.',
  },
  'bedrock-converse': {
    limited: 'Too many requests, please wait',
    broken: 'The service is temporarily overloaded.',
  },
  cohere: { limited: 'You are past the per minute request limit', broken: 'The model is overloaded.' },
}

const call = (name: string, input: unknown) => ({ name, input })

export const conversations: readonly Conversation[] = [
  {
    name: 'text',
    withoutUsage: true,
    expected: answers({ text: 'Good morning, harbour ⚓.', ending: 'stop' }, 21, 6),
  },
  { name: 'image', expected: expectImage },
  { name: 'tools', expected: expectTools },
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
    // Two of the models have no schema beside tools: their answer is the call of a tool made for it.
    answer: ({ provider, mode }) =>
      provider === 'cohere' || (provider === 'gemini' && mode !== 'relay') ? 'structured-call' : 'structured',
    expected: answers({ text: forecast, ending: 'stop' }, 60, 12),
  },
  { name: 'refusal', expected: expectRefusal },
  { name: 'citations', expected: expectCitations },
  {
    name: 'web-search',
    answer: ({ provider }) => (searching.includes(provider) ? 'web-search' : 'citations'),
    expected: expectSearch,
  },
  {
    name: 'candidates',
    answer: ({ caller, provider }) =>
      asksSeveral.includes(caller) && asksSeveral.includes(provider) ? 'candidates' : 'candidate',
    expected: expectCandidates,
  },
  {
    name: 'rate-limited',
    request: 'text',
    failure: 'before',
    expected: field => fails(complaints[field.provider].limited, everywhere(429))(field),
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
        : fails(complaints[field.provider].broken)(field),
  },
  {
    name: 'error-after',
    request: 'text',
    failure: 'after',
    forms: ['stream'],
    expected: field => fails(complaints[field.provider].broken)(field),
  },
]
