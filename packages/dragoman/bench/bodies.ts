// The requests and answers of the bench, as the providers' wires have them, and how to read an answer's text back.
import type { WireName } from './protocol.ts'

/** How the upstream is to answer: the model's name says it. */
export interface Script {
  /** Content chunks, each one word. */
  readonly chunks: number
  /** Frames a write. */
  readonly group: number
  /** Milliseconds between writes; 0 is as fast as they are read. */
  readonly pause: number
}

export const modelOf = ({ chunks, group, pause }: Script, tag: string) =>
  `bench-${chunks}-${group}-${pause}-${tag}`

export function readModel(model: string): Script {
  const [chunks, group, pause] = model.split('-').slice(1, 4).map(Number)
  if (!chunks || !group || pause === undefined) throw new Error(`no script: ${model}`)
  return { chunks, group, pause }
}

const words = 'the quiet river carries every letter past seven old stone bridges until morning'.split(' ')
const word = (index: number) => `${index === 0 ? '' : ' '}${words[index % words.length]}`

/** What an answer says; the number of words is the number of content chunks. */
export const textOf = (chunks: number) => Array.from({ length: chunks }, (_, index) => word(index)).join('')

/** Words of a whole answer: with its envelope about 1.5 KB. */
export const wholeWords = 190

const system = 'You are a terse assistant who answers in plain sentences and never invents a source.'
const question =
  'Tell me about the river that runs through the old town, how many bridges cross it, and what the letters were for.'

/** A request body of half a kilobyte in the words of its wire. */
export function requestBody(wire: WireName, model: string, stream: boolean, askUsage = false): string {
  const sampling = { temperature: 0.2, top_p: 0.9 }
  const turns = [
    { role: 'user', content: 'Good morning.' },
    { role: 'assistant', content: 'Good morning. What would you like to know?' },
    { role: 'user', content: question },
  ]
  switch (wire) {
    case 'chat':
      return JSON.stringify({
        model,
        messages: [{ role: 'system', content: system }, ...turns],
        ...sampling,
        max_completion_tokens: 1024,
        ...(stream ? { stream, ...(askUsage ? { stream_options: { include_usage: true } } : {}) } : {}),
      })
    case 'messages':
      return JSON.stringify({
        model,
        system,
        messages: turns,
        temperature: 0.2,
        max_tokens: 1024,
        ...(stream ? { stream } : {}),
      })
    case 'responses':
      return JSON.stringify({
        model,
        instructions: system,
        input: turns,
        ...sampling,
        max_output_tokens: 1024,
        store: false,
        ...(stream ? { stream } : {}),
      })
  }
}

const usage = { prompt: 61, completion: 190 }

export const chatUsage = {
  prompt_tokens: usage.prompt,
  completion_tokens: usage.completion,
  total_tokens: usage.prompt + usage.completion,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
}

const chatHead = { id: 'chatcmpl-D8Z5oo6uDh67AD85p73ksdT1KxhE0', created: 1770934485 }
const chatTail = { service_tier: 'default', system_fingerprint: 'fp_62ec1e2a07' }
const messageId = 'msg_01QC4g3HwBThD4BaNtBckFDJ'

export function chatWhole(model: string): string {
  const message = { role: 'assistant', content: textOf(wholeWords), refusal: null, annotations: [] }
  return JSON.stringify({
    ...chatHead,
    object: 'chat.completion',
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    usage: chatUsage,
    ...chatTail,
  })
}

export function messagesWhole(model: string): string {
  return JSON.stringify({
    model,
    id: messageId,
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: textOf(wholeWords) }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: messagesUsage,
  })
}

const messagesUsage = {
  input_tokens: usage.prompt,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  output_tokens: usage.completion,
  service_tier: 'standard',
}

/** The frames of a streamed chat answer; with usage asked for, each carries `usage: null` and one more comes last. */
export function chatFrames(model: string, chunks: number, withUsage: boolean): readonly string[] {
  const frame = (choices: readonly object[], sum: object | null = null) => {
    const tail = withUsage ? { usage: sum } : {}
    const chunk = { ...chatHead, object: 'chat.completion.chunk', model, ...chatTail, choices, ...tail }
    return `data: ${JSON.stringify(chunk)}\n\n`
  }
  const choice = (delta: object, finish: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason: finish },
  ]
  return [
    frame(choice({ role: 'assistant', content: '', refusal: null })),
    ...Array.from({ length: chunks }, (_, index) => frame(choice({ content: word(index) }))),
    frame(choice({}, 'stop')),
    ...(withUsage ? [frame([], chatUsage)] : []),
    'data: [DONE]\n\n',
  ]
}

export function messagesFrames(model: string, chunks: number): readonly string[] {
  const frame = (type: string, rest: object = {}) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`
  const message = {
    model,
    id: messageId,
    type: 'message',
    role: 'assistant',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...messagesUsage, output_tokens: 1 },
  }
  return [
    frame('message_start', { message }),
    frame('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    frame('ping'),
    ...Array.from({ length: chunks }, (_, index) =>
      frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text: word(index) } }),
    ),
    frame('content_block_stop', { index: 0 }),
    frame('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: usage.completion },
    }),
    frame('message_stop'),
  ]
}
