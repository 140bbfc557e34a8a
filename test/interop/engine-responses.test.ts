// A real engine, llama.cpp's server, behind the gateway: Responses with the official SDK.
import { describe, expect, test } from 'bun:test'
import { zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { calledIn, collect } from './harness/clients.ts'
import { launcher } from './harness/engine.ts'
import { hello, model, responsesTools, useLab, user } from './harness/lab.ts'

const answerShape = z.object({ answer: z.number().int() })

describe.skipIf(launcher === undefined)('llama.cpp behind Responses', () => {
  const lab = useLab()

  describe('responses', () => {
    test('answers whole', async () => {
      const response = await lab.openai.responses.create({ model, input: 'hi' })
      expect(response.output_text).toBe(hello)
      expect(response).toMatchObject({ status: 'completed', object: 'response' })
      expect(response.usage?.output_tokens).toBe(8)
    })

    test('streams by its whole grammar, which the engine itself does not', async () => {
      const stream = lab.openai.responses.stream({ model, input: 'hi' })
      const events = await collect(stream)
      const response = await stream.finalResponse()
      expect(response.output_text).toBe(hello)
      expect(events.map(event => event.sequence_number)).toEqual(events.map((_, index) => index))
      expect(events[0]?.type).toBe('response.created')
      expect(events.at(-1)?.type).toBe('response.completed')
    })

    test.each([
      ['one', 'use a tool', [['get_weather', { city: 'Paris' }]]],
      [
        'two',
        'use both tools',
        [
          ['get_weather', { city: 'Paris' }],
          ['get_time', { tz: 'UTC' }],
        ],
      ],
    ])('calls %s, whole and streamed', async (_, input, expected) => {
      const request = { model, input, tools: responsesTools }
      for (const response of [
        await lab.openai.responses.create(request),
        await lab.openai.responses.stream(request).finalResponse(),
      ]) {
        expect(calledIn(response)).toEqual(expected)
      }
    })

    test('takes the results of tools back', async () => {
      const first = await lab.openai.responses.create({ model, input: 'use a tool', tools: responsesTools })
      const call = first.output.find(item => item.type === 'function_call')
      const after = await lab.openai.responses.create({
        model,
        tools: responsesTools,
        input: [
          ...user('use a tool'),
          ...first.output.filter(item => item.type === 'function_call'),
          { type: 'function_call_output', call_id: call?.call_id ?? '', output: 'sunny' },
        ],
      })
      expect(after.output_text).toBe(hello)
    })

    test('shows reasoning as an item of its own', async () => {
      for (const response of [
        await lab.openai.responses.create({ model, input: 'think' }),
        await lab.openai.responses.stream({ model, input: 'think' }).finalResponse(),
      ]) {
        expect(response.output.map(item => item.type)).toEqual(['reasoning', 'message'])
        expect(response.output_text).toBe('\nThe answer is 42!')
        expect(JSON.stringify(response.output[0])).toContain('Let me think about it.')
      }
    })

    test('keeps an emoji that comes in four tokens of a byte each', async () => {
      const response = await lab.openai.responses.stream({ model, input: 'emoji' }).finalResponse()
      expect(response.output_text).toBe('Smile 😀 done')
    })

    test('parses structured output', async () => {
      const text = { format: zodTextFormat(answerShape, 'answer') }
      const response = await lab.openai.responses.parse({ model, input: 'json', text })
      expect(response.output_parsed).toEqual({ answer: 42 })
      const streamed = await lab.openai.responses.stream({ model, input: 'json', text }).finalResponse()
      expect(streamed.output_parsed).toEqual({ answer: 42 })
    })

    test('is incomplete where the limit of tokens cuts it, which the engine calls completed', async () => {
      for (const response of [
        await lab.openai.responses.create({ model, input: 'go on forever', max_output_tokens: 16 }),
        await lab.openai.responses
          .stream({ model, input: 'go on forever', max_output_tokens: 16 })
          .finalResponse(),
      ]) {
        expect(response.status).toBe('incomplete')
        expect(response.incomplete_details).toEqual({ reason: 'max_output_tokens' })
      }
    })
  })
})
