import { describe, expect, test } from 'bun:test'
import {
  answeredIds,
  answerMessages,
  type Client,
  chatClient,
  forgetfulChatClient,
  messagesClient,
  replayed,
  responsesClient,
  said,
} from '../custody/loop.ts'
import { createScene, front } from '../support/scene.ts'

// Ruling 6: opaque state through a client that cannot carry it. A tool loop with thinking on a target that signs every
// thought and refuses a history in which one byte of it is missing.

const scene = createScene()

const done = [{ type: 'text', text: 'Rain.' }]

const clients: readonly (readonly [string, Client, 'translate' | 'relay'])[] = [
  ['chat, the message sent back as it came', chatClient, 'translate'],
  ['chat, a client that drops the fields it does not know', forgetfulChatClient, 'translate'],
  ['Responses', responsesClient, 'translate'],
  ['Messages, relayed', messagesClient, 'relay'],
  ['Messages, translated', messagesClient, 'translate'],
]

describe('ruling 6', () => {
  for (const stream of [false, true]) {
    test.each(clients)(
      `thinking comes back byte for byte by %s, ${stream ? 'streamed' : 'whole'}`,
      async (_, client, mode) => {
        const upstream = scene.upstream(
          play => (request, index) => answerMessages(request, index === 0 ? said : done, play),
        )
        const { url } = front(scene, 'messages', upstream.url, {}, { trustModeHeader: true })
        await client(url, { stream, headers: mode === 'translate' ? { 'dragoman-mode': mode } : {} })
        const [, second] = upstream.seen
        if (second === undefined) throw new Error('the loop did not come back')
        expect(replayed(second)).toEqual(said)
        expect(answeredIds(second)).toEqual(['toolu_01Paris', 'toolu_01Oslo'])
      },
    )
  }
})
