import { describe, expect, test } from 'bun:test'
import { block } from '../features/frames.ts'
import { createScene, front } from '../support/scene.ts'
import { messages, responses } from '../support/wire.ts'
import { clientOf } from './stage.ts'

// State that only its maker can read goes back to it through the store, without the client carrying it.

const scene = createScene()
const tools = [{ type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: false }]

test('a signed thought and the call after it go back as they were', async () => {
  const upstream = scene.upstream(
    stream =>
      ({ json }) =>
        json.stream === true
          ? stream([
              messages.start,
              block.thinking(0),
              block.thought(0, 'Hmm.'),
              block.signature(0, 'sig-of-its-own'),
              block.stop(0),
              block.tool(1, 'toolu_1'),
              block.args(1, '{}'),
              block.stop(1),
              block.finish('tool_use'),
              messages.stop,
            ])
          : Response.json(messages.whole('Sunny.')),
  )
  const { url } = front(scene, 'messages', upstream.url)
  const client = clientOf(url)
  const model = 'a/claude-sonnet-4-5'
  const ask = { model, tools, reasoning: { effort: 'low' as const } }
  const first = await client.responses.stream({ ...ask, input: 'Weather?' }).finalResponse()
  const call = first.output.find(item => item.type === 'function_call')
  const second = await client.responses.create({
    ...ask,
    previous_response_id: first.id,
    input: [{ type: 'function_call_output', call_id: call?.call_id ?? '', output: 'sun' }],
  })
  expect(second.output_text).toBe('Sunny.')
  const sent = upstream.seen[1]?.json.messages as { role: string; content: Record<string, unknown>[] }[] // as it was just sent
  expect(sent.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  expect(sent[1]?.content).toMatchObject([
    { type: 'thinking', thinking: 'Hmm.', signature: 'sig-of-its-own' },
    { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
  ])
  expect(sent[2]?.content[0]).toMatchObject({ type: 'tool_result', tool_use_id: 'toolu_1' })
})

describe('an encrypted thought', () => {
  const thought = { id: 'rs_upstream', type: 'reasoning', summary: [], encrypted_content: 'gAAA-secret' }
  const answered = () =>
    Response.json({ ...responses.whole('Hi'), output: [thought, ...responses.whole('Hi').output] })
  const sentThought = (body: Record<string, unknown> | undefined) =>
    ((body?.input ?? []) as { type?: string }[]).find(item => item.type === 'reasoning') // the list that was sent

  test('goes back under the id that its maker gave it, from the store', async () => {
    const upstream = scene.upstream(() => answered)
    const { url } = front(scene, 'responses', upstream.url)
    const client = clientOf(url)
    const first = await client.responses.create({ model: 'a/m', input: 'Hi', reasoning: { effort: 'low' } })
    expect(first.output[0]).toMatchObject({ type: 'reasoning' })
    expect(first.output[0]?.id).not.toBe('rs_upstream')
    await client.responses.create({ model: 'a/m', input: 'On.', previous_response_id: first.id })
    expect(sentThought(upstream.seen[1]?.json)).toMatchObject({
      id: 'rs_upstream',
      encrypted_content: 'gAAA-secret',
    })
    // What comes back is asked for where the model thinks, because nothing stays with the upstream.
    expect(upstream.seen[0]?.json).toMatchObject({ store: false, include: ['reasoning.encrypted_content'] })
  })

  test('and from a client that sends the history itself, under the id it knows', async () => {
    const upstream = scene.upstream(() => answered)
    const { url } = front(scene, 'responses', upstream.url)
    const client = clientOf(url)
    const first = await client.responses.create({ model: 'a/m', input: 'Hi' })
    for (const store of [true, false]) {
      await client.responses.create({
        model: 'a/m',
        store,
        input: [{ role: 'user', content: 'Hi' }, ...first.output, { role: 'user', content: 'On.' }] as never, // as SDK users do
      })
      expect(sentThought(upstream.seen.at(-1)?.json)).toMatchObject({
        id: 'rs_upstream',
        encrypted_content: 'gAAA-secret',
      })
    }
  })
})
