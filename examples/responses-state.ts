// Responses with state, for every model: work in the background, a stream that is picked up where it was left, and a
// conversation that goes on by its last answer's id. None of it needs a provider that has it.
//
//   npm start                                  (in another terminal)
//   OPENAI_BASE_URL=http://127.0.0.1:4343/v1 OPENAI_API_KEY=... bun examples/responses-state.ts

import OpenAI from 'openai'

const openai = new OpenAI()
const model = process.env.MODEL ?? 'sandbox'

// In the background: the answer is made whoever hangs up. Poll it, or cancel it.
let response = await openai.responses.create({
  model,
  input: 'Count from 1 to 5, with commas.',
  background: true,
})
while (response.status === 'queued' || response.status === 'in_progress') {
  await new Promise(resolve => setTimeout(resolve, 200))
  response = await openai.responses.retrieve(response.id)
}
console.log(response.status, response.output_text)

// A stream that is left in the middle and taken up again behind the last event that was seen.
const streamed = await openai.responses.create({
  model,
  input: 'Count from 1 to 9, with commas.',
  background: true,
  stream: true,
})
let id = ''
let seen = 0
let text = ''
for await (const event of streamed) {
  if (event.type === 'response.created') id = event.response.id
  if (event.type === 'response.output_text.delta') text += event.delta
  seen = event.sequence_number
  if (text.length > 4) break
}
for await (const event of await openai.responses.retrieve(id, { stream: true, starting_after: seen })) {
  if (event.type === 'response.output_text.delta') text += event.delta
}
console.log(text)

// What was said is remembered by the gateway; the model is told all of it.
const next = await openai.responses.create({ model, input: 'And once more?', previous_response_id: id })
const { data: items } = await openai.responses.inputItems.list(next.id)
console.log(`the next turn stands on ${items.length} items`)

for (const stored of [response.id, id, next.id]) await openai.responses.delete(stored)
console.log('forgotten')
