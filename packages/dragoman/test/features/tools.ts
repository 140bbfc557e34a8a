import type { Path } from '../support/scene.ts'
import { chat, messages } from '../support/wire.ts'

/** One tool, as each dialect writes it. */
export const toolsOf: { readonly [P in Path]: readonly object[] } = {
  '/v1/chat/completions': [
    { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } },
  ],
  '/v1/responses': [{ type: 'function', name: 'weather', parameters: { type: 'object' }, strict: false }],
  '/v1/messages': [{ name: 'weather', input_schema: { type: 'object' } }],
}

export const chatCall = {
  id: 'call_a',
  type: 'function',
  function: { name: 'weather', arguments: '{"city":"Paris"}' },
}
/** Whole answers that call it. */
export const chatWhole = (finish: string) => ({
  ...chat.whole(''),
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: null, tool_calls: [chatCall] },
      finish_reason: finish,
    },
  ],
})
export const messagesWhole = (reason: string) => ({
  ...messages.whole(''),
  content: [{ type: 'tool_use', id: 'call_a', name: 'weather', input: { city: 'Paris' } }],
  stop_reason: reason,
})
