/** Hand-written frames of the three dialects, small enough to read in a test. */
export const chat = {
  role: (id = 'chatcmpl-1') =>
    `data: {"id":"${id}","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}\n\n`,
  text: (text: string, id = 'chatcmpl-1') =>
    `data: {"id":"${id}","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}},"finish_reason":null}],"usage":null}\n\n`,
  finish: (reason = 'stop', id = 'chatcmpl-1') =>
    `data: {"id":"${id}","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"${reason}"}],"usage":null}\n\n`,
  usage: (input = 3, output = 2) =>
    `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":${input},"completion_tokens":${output},"total_tokens":${input + output}}}\n\n`,
  error:
    'data: {"error":{"message":"the engine fell over","type":"server_error","param":null,"code":null}}\n\n',
  done: 'data: [DONE]\n\n',
  whole: (text: string) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      { index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  }),
}

const named = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`

export const messages = {
  start: named('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 1 },
    },
  }),
  ping: named('ping', {}),
  open: named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  text: (text: string) => named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  close: named('content_block_stop', { index: 0 }),
  finish: named('message_delta', {
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 2 },
  }),
  stop: named('message_stop', {}),
  error: named('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  whole: (text: string) => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 2 },
  }),
}

const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] }
const spoken = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] })
const at = { item_id: 'msg_1', output_index: 0, content_index: 0 }

export const responses = {
  created: named('response.created', {
    sequence_number: 0,
    response: {
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      status: 'in_progress',
      model: 'm',
      output: [],
    },
  }),
  open:
    named('response.output_item.added', { sequence_number: 1, output_index: 0, item }) +
    named('response.content_part.added', { sequence_number: 2, ...at, part: spoken('') }),
  text: (delta: string) =>
    named('response.output_text.delta', { sequence_number: 3, ...at, delta, logprobs: [] }),
  close: (text: string) =>
    named('response.output_text.done', { sequence_number: 4, ...at, text, logprobs: [] }) +
    named('response.content_part.done', { sequence_number: 5, ...at, part: spoken(text) }) +
    named('response.output_item.done', {
      sequence_number: 6,
      output_index: 0,
      item: { ...item, status: 'completed', content: [spoken(text)] },
    }),
  completed: (text: string) =>
    named('response.completed', { sequence_number: 7, response: responses.whole(text) }),
  failed: named('response.failed', {
    sequence_number: 7,
    response: {
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      status: 'failed',
      model: 'm',
      output: [],
      error: { code: 'server_error', message: 'the engine fell over' },
    },
  }),
  whole: (text: string) => ({
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    status: 'completed',
    model: 'm',
    output: [
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
      },
    ],
    usage: {
      input_tokens: 3,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 5,
    },
  }),
}

/** The `data:` payloads of an SSE text, `[DONE]` left out, parsed. */
export function dataOf(text: string): Record<string, never>[] {
  return text
    .split('\n')
    .filter(line => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map(line => JSON.parse(line.slice(6)))
}

export const post = (
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) =>
  new Request(`http://gateway${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })
