/** Frames of upstreams that call tools, written by hand. */

export const chunk = (delta: object, finish: string | null = null, more: object = {}) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`

/** A piece of a call: what is undefined is left out. */
export const piece = (
  index: number | undefined,
  id: string | undefined,
  name: string | undefined,
  args: string,
) =>
  chunk({
    tool_calls: [
      {
        ...(index === undefined ? {} : { index }),
        ...(id === undefined ? {} : { id, type: 'function' }),
        function: { ...(name === undefined ? {} : { name }), arguments: args },
      },
    ],
  })

const named = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`

export const block = {
  tool: (index: number, id: string, name = 'weather') =>
    named('content_block_start', { index, content_block: { type: 'tool_use', id, name, input: {} } }),
  args: (index: number, json: string) =>
    named('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: json } }),
  text: (index: number) => named('content_block_start', { index, content_block: { type: 'text', text: '' } }),
  words: (index: number, text: string) =>
    named('content_block_delta', { index, delta: { type: 'text_delta', text } }),
  thinking: (index: number) =>
    named('content_block_start', { index, content_block: { type: 'thinking', thinking: '', signature: '' } }),
  thought: (index: number, thinking: string) =>
    named('content_block_delta', { index, delta: { type: 'thinking_delta', thinking } }),
  signature: (index: number, signature: string) =>
    named('content_block_delta', { index, delta: { type: 'signature_delta', signature } }),
  stop: (index: number) => named('content_block_stop', { index }),
  finish: (reason: string) =>
    named('message_delta', {
      delta: { stop_reason: reason, stop_sequence: null },
      usage: { output_tokens: 2 },
    }),
}

const item = (index: number, id: string, args: string, status: string) => ({
  id: `fc_${index}`,
  type: 'function_call',
  call_id: id,
  name: 'weather',
  arguments: args,
  status,
})

/** A whole call as the Responses wire streams it, its arguments in these pieces. */
export const functionCall = {
  open: (index: number, id: string) =>
    named('response.output_item.added', {
      sequence_number: index,
      output_index: index,
      item: item(index, id, '', 'in_progress'),
    }),
  args: (index: number, delta: string) =>
    named('response.function_call_arguments.delta', {
      sequence_number: index,
      item_id: `fc_${index}`,
      output_index: index,
      delta,
    }),
  close: (index: number, id: string, args: string) =>
    named('response.function_call_arguments.done', {
      sequence_number: index,
      item_id: `fc_${index}`,
      output_index: index,
      name: 'weather',
      arguments: args,
    }) +
    named('response.output_item.done', {
      sequence_number: index,
      output_index: index,
      item: item(index, id, args, 'completed'),
    }),
  completed: (calls: readonly (readonly [id: string, args: string])[]) =>
    named('response.completed', {
      sequence_number: 99,
      response: {
        id: 'resp_1',
        object: 'response',
        created_at: 1,
        status: 'completed',
        model: 'm',
        output: calls.map(([id, args], index) => item(index, id, args, 'completed')),
      },
    }),
}
