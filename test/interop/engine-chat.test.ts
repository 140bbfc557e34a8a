// A real engine, llama.cpp's server, behind the gateway: chat completions with the official SDK, also what fails when it
// talks to the engine directly.
import { describe, expect, test } from 'bun:test'
import { zodResponseFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { collect, functionCalls } from './harness/clients.ts'
import { launcher } from './harness/engine.ts'
import { chatTools, hello, model, useLab, user } from './harness/lab.ts'

const answerShape = z.object({ answer: z.number().int() })

describe.skipIf(launcher === undefined)('llama.cpp behind chat completions', () => {
  const lab = useLab()

  describe('chat completions', () => {
    test('answers whole', async () => {
      const { data, response } = await lab.openai.chat.completions
        .create({ model, messages: user('hi') })
        .withResponse()
      expect(data.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: hello } })
      expect(data.usage?.completion_tokens).toBe(8)
      expect(response.headers.get('dragoman-target')).toBe(model)
      expect(response.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9]{16,}$/)
    })

    test('streams, with usage where it is asked for and nowhere else', async () => {
      const stream = lab.openai.chat.completions.stream({
        model,
        messages: user('hi'),
        stream_options: { include_usage: true },
      })
      const chunks = await collect(stream)
      const completion = await stream.finalChatCompletion()
      expect(completion.choices[0]?.message.content).toBe(hello)
      expect(completion.usage?.completion_tokens).toBe(8)
      expect(
        chunks.filter(chunk => chunk.choices.some(choice => choice.finish_reason !== null)),
      ).toHaveLength(1)

      const quiet = await collect(
        await lab.openai.chat.completions.create({ model, messages: user('hi'), stream: true }),
      )
      expect(quiet.map(chunk => chunk.choices[0]?.delta.content ?? '').join('')).toBe(hello)
      expect(quiet.every(chunk => chunk.usage === undefined && chunk.choices.length === 1)).toBeTrue()
    })

    test.each([
      ['one', 'use a tool', [['get_weather', '{"city": "Paris"}']]],
      [
        'two',
        'use both tools',
        [
          ['get_weather', '{"city": "Paris"}'],
          ['get_time', '{"tz": "UTC"}'],
        ],
      ],
    ])('calls %s, whole and streamed', async (_, text, expected) => {
      const request = { model, messages: user(text), tools: chatTools }
      const whole = await lab.openai.chat.completions.create(request)
      const stream = lab.openai.chat.completions.stream(request)
      const chunks = await collect(stream)
      for (const completion of [whole, await stream.finalChatCompletion()]) {
        const [choice] = completion.choices
        expect(choice?.finish_reason).toBe('tool_calls')
        expect(functionCalls(choice?.message)).toEqual(expected)
        expect(new Set(choice?.message.tool_calls?.map(call => call.id)).size).toBe(expected.length)
      }
      const deltas = chunks.flatMap(chunk => chunk.choices[0]?.delta.tool_calls ?? [])
      expect(deltas.filter(delta => delta.id !== undefined).map(delta => delta.index)).toEqual(
        expected.map((__, index) => index),
      )
    })

    test('takes the results of tools back', async () => {
      const { choices } = await lab.openai.chat.completions.create({
        model,
        messages: user('use both tools'),
        tools: chatTools,
      })
      const message = choices[0]?.message
      const calls = message?.tool_calls ?? []
      expect(calls).toHaveLength(2)
      const results = calls.map(call => ({
        role: 'tool' as const,
        tool_call_id: call.id,
        content: 'sunny',
      }))
      const after = await lab.openai.chat.completions.create({
        model,
        messages: [...user('use both tools'), ...(message === undefined ? [] : [message]), ...results],
        tools: chatTools,
      })
      expect(after.choices[0]?.message.content).toBe(hello)
    })

    test('shows reasoning beside the answer', async () => {
      const whole = await lab.openai.chat.completions.create({ model, messages: user('think') })
      expect(whole.choices[0]?.message).toMatchObject({
        content: '\nThe answer is 42!',
        reasoning_content: 'Let me think about it.\n',
      })
    })

    test('keeps an emoji that comes in four tokens of a byte each', async () => {
      const stream = lab.openai.chat.completions.stream({ model, messages: user('emoji') })
      expect(await stream.finalContent()).toBe('Smile 😀 done')
    })

    test('parses structured output', async () => {
      const completion = await lab.openai.chat.completions.parse({
        model,
        messages: user('json'),
        response_format: zodResponseFormat(answerShape, 'answer'),
      })
      expect(completion.choices[0]?.message.parsed).toEqual({ answer: 42 })
    })

    test('gives valid JSON where the schema contradicts what the model would say', async () => {
      const shape = z.object({ ok: z.boolean(), size: z.enum(['small', 'large']) })
      const completion = await lab.openai.chat.completions.parse({
        model,
        messages: user('hi'),
        response_format: zodResponseFormat(shape, 'other'),
        max_completion_tokens: 400,
        temperature: 0,
        seed: 1,
      })
      expect(shape.safeParse(completion.choices[0]?.message.parsed).success).toBeTrue()
    })

    test('gives n answers by asking n times, and says so', async () => {
      const request = { model, messages: user('hi'), n: 3 }
      const { data, response } = await lab.openai.chat.completions.create(request).withResponse()
      expect(data.choices.map(choice => [choice.index, choice.message.content])).toEqual([
        [0, hello],
        [1, hello],
        [2, hello],
      ])
      expect(data.usage?.completion_tokens).toBe(24)
      expect(Number(response.headers.get('dragoman-attempts'))).toBeGreaterThanOrEqual(3)
      expect(response.headers.get('dragoman-notes')).toContain('emulated;path="n"')

      const stream = lab.openai.chat.completions.stream(request)
      const streamed = await stream.finalChatCompletion()
      expect(streamed.choices.map(choice => choice.message.content)).toEqual([hello, hello, hello])
    })

    test('stops at a stop sequence without showing it', async () => {
      for (const stop of [' tiny', ['nowhere', ' tiny']]) {
        const completion = await lab.openai.chat.completions.create({ model, messages: user('hi'), stop })
        expect(completion.choices[0]).toMatchObject({
          finish_reason: 'stop',
          message: { content: 'Hello from a' },
        })
      }
    })

    test('says so when the limit of tokens cuts it', async () => {
      const completion = await lab.openai.chat.completions.create({
        model,
        messages: user('hi'),
        max_completion_tokens: 3,
      })
      expect(completion.choices[0]).toMatchObject({
        finish_reason: 'length',
        message: { content: 'Hello from a' },
      })
    })

    test('gives log probabilities of every token, also without alternatives', async () => {
      const completion = await lab.openai.chat.completions.create({
        model,
        messages: user('hi'),
        logprobs: true,
      })
      const content = completion.choices[0]?.logprobs?.content ?? []
      expect(content.slice(0, 2).map(entry => entry.token)).toEqual(['Hello', ' from'])
      expect(content.every(entry => entry.logprob <= 0)).toBeTrue()
    })

    test('calls the named tool and no other', async () => {
      const completion = await lab.openai.chat.completions.create({
        model,
        messages: user('use a tool'),
        tools: chatTools,
        tool_choice: { type: 'function', function: { name: 'get_time' } },
        max_completion_tokens: 400,
        temperature: 0,
      })
      expect(functionCalls(completion.choices[0]?.message).map(([name]) => name)).toEqual(['get_time'])
    })

    test('calls no tool where none may be called', async () => {
      const completion = await lab.openai.chat.completions.create({
        model,
        messages: user('use a tool'),
        tools: chatTools,
        tool_choice: 'none',
      })
      expect(completion.choices[0]?.message.tool_calls).toBeUndefined()
      expect(completion.choices[0]?.message.content).not.toContain('tool_call')
    })
  })

  describe('models', () => {
    test('are listed and can be asked for one by one, which the engine itself does not', async () => {
      const [listed] = await collect(lab.openai.models.list())
      expect(listed).toMatchObject({ id: 'tiny', object: 'model', owned_by: 'lab' })
      for (const id of ['tiny', model]) expect(await lab.openai.models.retrieve(id)).toMatchObject({ id })
    })

    test('can be called by the bare name that one provider lists', async () => {
      const completion = await lab.openai.chat.completions.create({ model: 'tiny', messages: user('hi') })
      expect(completion.choices[0]?.message.content).toBe(hello)
    })
  })
})
