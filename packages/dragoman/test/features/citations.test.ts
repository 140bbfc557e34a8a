import { expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { createScene, front, type Kind } from '../support/scene.ts'
import { chat, messages, responses } from '../support/wire.ts'

// Complaints about other gateways (features C34), through this one on real sockets, heard by official clients: what an
// answer cites does not vanish.

const scene = createScene()

const said = 'High tide is at 06:12.'
const source = { url: 'https://tides.example/oslo', title: 'Oslo tides' }

const spoken = { type: 'output_text', text: said, logprobs: [] }
const range = { start_index: 0, end_index: said.length }
const inChat = [{ type: 'url_citation', url_citation: { ...source, ...range } }]
const inResponses = [{ type: 'url_citation', ...source, ...range }]
const inMessages = {
  type: 'web_search_result_location',
  ...source,
  cited_text: said,
  encrypted_index: 'sealed-index',
}

/** An answer that cites a page, as each wire says it. */
const answers: readonly (readonly [Kind, string, object])[] = [
  [
    'compatible',
    'a/m',
    {
      ...chat.whole(said),
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: said, annotations: inChat },
          finish_reason: 'stop',
        },
      ],
    },
  ],
  [
    'responses',
    'a/gpt-5.1',
    {
      ...responses.whole(said),
      output: [
        {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ ...spoken, annotations: inResponses }],
        },
      ],
    },
  ],
  [
    'messages',
    'a/claude-sonnet-4-5',
    { ...messages.whole(said), content: [{ type: 'text', text: said, citations: [inMessages] }] },
  ],
  [
    'gemini',
    'a/gemini-2.5-flash',
    {
      candidates: [
        {
          index: 0,
          content: { role: 'model', parts: [{ text: said }] },
          finishReason: 'STOP',
          groundingMetadata: {
            groundingChunks: [{ web: { uri: source.url, title: source.title } }],
            groundingSupports: [
              { segment: { startIndex: 0, endIndex: said.length, text: said }, groundingChunkIndices: [0] },
            ],
          },
        },
      ],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    },
  ],
]

const clientOf = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })

test.each(answers)(
  'features C34: what %s cites reaches callers as `url_citation`',
  async (kind, model, whole) => {
    const upstream = scene.upstream(() => () => Response.json(whole))
    const { url } = front(scene, kind, upstream.url)
    if (kind !== 'responses') {
      const completion = await clientOf(url).chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'When?' }],
      })
      expect(completion.choices[0]?.message.annotations).toMatchObject(inChat as never)
    }
    const response = await clientOf(url).responses.create({ model, input: 'When?', store: false })
    const [item] = response.output
    if (item?.type !== 'message') throw new Error('no message')
    expect(item.content[0]).toMatchObject({ annotations: inResponses as never })
  },
)

test.each(answers)(
  'features C34: what %s cites reaches a Messages caller, or its loss is told',
  async (kind, model, whole) => {
    const upstream = scene.upstream(() => () => Response.json(whole))
    const { url } = front(scene, kind, upstream.url)
    const client = new Anthropic({ baseURL: url, apiKey: 'x', maxRetries: 0 })
    const { data, response } = await client.messages
      .create({ model, max_tokens: 50, messages: [{ role: 'user', content: 'When?' }] })
      .withResponse()
    const [block] = data.content
    if (block?.type !== 'text') throw new Error('no text')
    // A citation of this wire holds a sealed index that only its maker can write.
    if (kind === 'messages') expect(block.citations).toMatchObject([inMessages as never])
    else expect(response.headers.get('dragoman-notes')).toContain('citations[0]')
  },
)
