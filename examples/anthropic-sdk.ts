// Anthropic's SDK in front of any model: Dragoman translates, and says what it could not.
//
//   npm start                                  (in another terminal)
//   ANTHROPIC_BASE_URL=http://127.0.0.1:4343 ANTHROPIC_API_KEY=... bun examples/anthropic-sdk.ts

import Anthropic from '@anthropic-ai/sdk'

const anthropic = new Anthropic()
const model = process.env.MODEL ?? 'sandbox'

// Streamed.
const stream = anthropic.messages.stream({
  model,
  max_tokens: 500,
  messages: [{ role: 'user', content: 'Count from 1 to 5, with commas.' }],
})
stream.on('text', text => process.stdout.write(text))
await stream.done()
console.log('\n')

// A conversation with a tool, by hand.
const tools = [
  {
    name: 'get_weather',
    description: 'The weather in a city.',
    input_schema: {
      type: 'object' as const,
      properties: { city: { type: 'string' } },
      required: ['city'],
    },
  },
]
const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'What is the weather in Paris?' }]
const first = await anthropic.messages.create({ model, max_tokens: 500, tools, messages })
messages.push({ role: 'assistant', content: first.content })
for (const block of first.content) {
  if (block.type !== 'tool_use') continue
  console.log(`calls ${block.name}(${JSON.stringify(block.input)})`)
  const content = 'It is sunny, 21 degrees.'
  messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: block.id, content }] })
}

// What the target has no words for is in the answer's headers.
const { data, response } = await anthropic.messages
  .create({
    model,
    max_tokens: 500,
    tools,
    messages,
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
  })
  .withResponse()
for (const block of data.content) if (block.type === 'text') console.log(block.text)
console.log('\nnotes:', response.headers.get('dragoman-notes'))
