// OpenAI's SDK with nothing changed but where it points: Dragoman prints the two variables when it starts.
//
//   npm start                                  (in another terminal)
//   OPENAI_BASE_URL=http://127.0.0.1:4343/v1 OPENAI_API_KEY=... bun examples/openai-sdk.ts

import OpenAI from 'openai'

const openai = new OpenAI()
const model = process.env.MODEL ?? 'sandbox'

// Chat, streamed.
const stream = openai.chat.completions.stream({
  model,
  messages: [{ role: 'user', content: 'List three reasons to keep your code.' }],
})
stream.on('content.delta', ({ delta }) => process.stdout.write(delta))
await stream.done()
console.log('\n')

// A tool, called by the helper until there is an answer.
const answer = await openai.chat.completions
  .runTools({
    model,
    messages: [{ role: 'user', content: 'What is the weather in Paris?' }],
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'The weather in a city.',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          parse: JSON.parse,
          function: ({ city }: { city: string }) => `It is sunny in ${city}, 21 degrees.`,
        },
      },
    ],
  })
  .finalContent()
console.log(answer, '\n')

// The Responses API on the same model, and who answered.
const { data, response } = await openai.responses.create({ model, input: 'Say "hello"' }).withResponse()
console.log(data.output_text, `(by ${response.headers.get('dragoman-target')})`)
