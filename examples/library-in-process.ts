// Dragoman as a library: the official SDKs talk to a gateway in the same process. No server, no socket, no key.
//
//   bun examples/library-in-process.ts
//   node examples/library-in-process.ts        (Node 22.18 or newer)

import Anthropic from '@anthropic-ai/sdk'
import { createGateway } from 'dragoman'
import OpenAI from 'openai'

// Any configuration goes here, as in dragoman.yaml: providers, aliases, fallbacks. Without one there is the sandbox,
// which is no AI but always answers.
const gateway = createGateway({ models: { 'claude-*': 'sandbox/sandbox' } })

// `gateway.fetch` is all an SDK needs. The host is never looked up.
const openai = new OpenAI({ fetch: gateway.fetch, baseURL: 'http://dragoman/v1', apiKey: 'none' })
const anthropic = new Anthropic({ fetch: gateway.fetch, baseURL: 'http://dragoman', apiKey: 'none' })

const stream = openai.chat.completions.stream({
  model: 'sandbox',
  messages: [{ role: 'user', content: 'Count from 1 to 5, with commas.' }],
})
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '')
console.log()

// Another dialect, the same model. The answer's headers say what was lost in translation.
const { data: message, response } = await anthropic.messages
  .create({
    model: 'claude-sonnet-5-5',
    max_tokens: 100,
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: 'Say "hello"' }],
  })
  .withResponse()
for (const block of message.content) if (block.type === 'text') console.log(block.text)
console.log('notes:', response.headers.get('dragoman-notes'))

await gateway.close()
