// A real engine, llama.cpp's server, behind the gateway: Messages with the official SDK.
import { describe, expect, test } from 'bun:test'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { z } from 'zod'
import { collect } from './harness/clients.ts'
import { launcher } from './harness/engine.ts'
import { hello, messagesTools, model, useLab, user } from './harness/lab.ts'

const answerShape = z.object({ answer: z.number().int() })

describe.skipIf(launcher === undefined)('llama.cpp behind Messages', () => {
  const lab = useLab()

  describe('messages', () => {
    const ask = (content: string) => ({ model, max_tokens: 400, messages: user(content) })

    test('answers whole', async () => {
      const message = await lab.anthropic.messages.create(ask('hi'))
      expect(message).toMatchObject({
        type: 'message',
        role: 'assistant',
        stop_reason: 'end_turn',
        content: [{ type: 'text', text: hello }],
      })
      expect(message.id).toMatch(/^msg_/)
      expect(message.usage.output_tokens).toBe(8)
    })

    test('streams by the grammar of the helper', async () => {
      const stream = lab.anthropic.messages.stream(ask('hi'))
      const events = (await collect(stream)).map(event => event.type)
      const message = await stream.finalMessage()
      expect(message.content).toMatchObject([{ type: 'text', text: hello }])
      expect(message.usage.output_tokens).toBe(8)
      expect(events[0]).toBe('message_start')
      expect(events.at(-1)).toBe('message_stop')
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
    ])('calls %s, whole and streamed', async (_, text, expected) => {
      const request = { ...ask(text), tools: messagesTools }
      for (const message of [
        await lab.anthropic.messages.create(request),
        await lab.anthropic.messages.stream(request).finalMessage(),
      ]) {
        const calls = message.content.filter(block => block.type === 'tool_use')
        expect(message.stop_reason).toBe('tool_use')
        expect(calls.map(call => [call.name, call.input])).toEqual(expected)
      }
    })

    test('takes the results of tools back', async () => {
      const request = { ...ask('use both tools'), tools: messagesTools }
      const first = await lab.anthropic.messages.create(request)
      const results = first.content
        .filter(block => block.type === 'tool_use')
        .map(block => ({ type: 'tool_result' as const, tool_use_id: block.id, content: 'sunny' }))
      expect(results).toHaveLength(2)
      const after = await lab.anthropic.messages.create({
        ...request,
        messages: [
          ...request.messages,
          { role: 'assistant', content: first.content },
          { role: 'user', content: results },
        ],
      })
      expect(after.content).toMatchObject([{ type: 'text', text: hello }])
    })

    test('shows reasoning as a thinking block without a forged signature', async () => {
      for (const message of [
        await lab.anthropic.messages.create(ask('think')),
        await lab.anthropic.messages.stream(ask('think')).finalMessage(),
      ]) {
        expect(message.content).toMatchObject([
          { type: 'thinking', thinking: 'Let me think about it.\n', signature: '' },
          { type: 'text', text: '\nThe answer is 42!' },
        ])
      }
    })

    test('keeps an emoji that comes in four tokens of a byte each', async () => {
      const message = await lab.anthropic.messages.stream(ask('emoji')).finalMessage()
      expect(message.content).toMatchObject([{ type: 'text', text: 'Smile 😀 done' }])
    })

    test('parses structured output', async () => {
      const message = await lab.anthropic.messages.parse({
        ...ask('json'),
        output_config: { format: zodOutputFormat(answerShape) },
      })
      expect(message.parsed_output).toEqual({ answer: 42 })
    })

    test('stops at a stop sequence, and says that the engine does not tell which one', async () => {
      const request = { ...ask('hi'), stop_sequences: [' tiny'] }
      const { data, response } = await lab.anthropic.messages.create(request).withResponse()
      expect(data).toMatchObject({
        stop_reason: 'end_turn',
        content: [{ type: 'text', text: 'Hello from a' }],
      })
      expect(response.headers.get('dragoman-notes')).toContain('approximated;path="stop_sequence')
      const streamed = await lab.anthropic.messages.stream(request).finalMessage()
      expect(streamed.content).toMatchObject([{ type: 'text', text: 'Hello from a' }])
    })

    test('says so when the limit of tokens cuts it', async () => {
      const message = await lab.anthropic.messages.create({ ...ask('hi'), max_tokens: 3 })
      expect(message).toMatchObject({
        stop_reason: 'max_tokens',
        content: [{ type: 'text', text: 'Hello from a' }],
      })
    })

    test('counts tokens with the engine’s own tokenizer: the count is the usage', async () => {
      const {
        model: _,
        max_tokens: __,
        ...prompt
      } = { ...ask('count me'), system: 'Be brief.', tools: messagesTools }
      const counted = await lab.anthropic.messages.countTokens({ model, ...prompt })
      const { usage } = await lab.anthropic.messages.create({ model, max_tokens: 20, ...prompt })
      expect(counted.input_tokens).toBe(usage.input_tokens + (usage.cache_read_input_tokens ?? 0))
    })
  })
})
