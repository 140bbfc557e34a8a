import { describe, expect, test } from 'bun:test'
import { listCaptures, readStreams } from '@dragoman/fixtures'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import { splice } from '../../src/wire/splice.ts'
import { chunksOf, decode, encodeText, framesOf } from './openai-chat-driver.ts'

const quiet = openaiChat.quietUsage
if (quiet === undefined) throw new Error('chat can be asked quietly')

/** The stream as the caller sees it, as text. */
function hidden(text: string | Uint8Array): string {
  const bytes = typeof text === 'string' ? encodeText(text) : text
  const shown = framesOf(bytes).map(frame => quiet?.hide(frame))
  return shown.map(frame => (frame === undefined ? '' : new TextDecoder().decode(frame.raw))).join('')
}

describe('ruling 1: usage is asked for without the caller seeing it', () => {
  const asked = (wire: JsonObject) => {
    const bytes = splice(encodeText(JSON.stringify(wire)), quiet.ask(wire))
    return JSON.parse(new TextDecoder().decode(bytes))
  }

  test('the request asks, whatever it said before, and only a stream does', () => {
    expect(asked({ stream: true })).toEqual({ stream: true, stream_options: { include_usage: true } })
    expect(asked({ stream: true, stream_options: null })).toEqual({
      stream: true,
      stream_options: { include_usage: true },
    })
    expect(asked({ stream: true, stream_options: { include_usage: false, x: 1 } })).toEqual({
      stream: true,
      stream_options: { include_usage: true, x: 1 },
    })
    expect(quiet.ask({ stream: true, stream_options: { include_usage: true } })).toEqual([])
    expect(quiet.ask({ stream: false })).toEqual([])
    expect(quiet.ask({})).toEqual([])
  })

  const frames: readonly (readonly [string, string, string])[] = [
    [
      'null at the end',
      'data: {"choices":[{"delta":{}}],"usage":null}\n\n',
      'data: {"choices":[{"delta":{}}]}\n\n',
    ],
    [
      'null in the middle',
      'data: {"choices":[{"delta":{}}],"usage":null,"id":"x"}\n\n',
      'data: {"choices":[{"delta":{}}],"id":"x"}\n\n',
    ],
    [
      'null with spaces',
      'data: {"choices": [{"delta": {}}], "usage": null}\n\n',
      'data: {"choices": [{"delta": {}}]}\n\n',
    ],
    ['null at the start', 'data: {"usage":null,"choices":[{}]}\n\n', 'data: {"choices":[{}]}\n\n'],
    ['no space, CRLF', 'data:{"choices":[{}],"usage":null}\r\n\r\n', 'data:{"choices":[{}]}\r\n\r\n'],
    [
      'counts on a finish',
      'data: {"choices":[{"finish_reason":"stop"}],"usage":{"a":{"b":1}}}\n\n',
      'data: {"choices":[{"finish_reason":"stop"}]}\n\n',
    ],
    ['the usage chunk', 'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n', ''],
    [
      'usage inside another member',
      'data: {"choices":[{}],"x":{"usage":null}}\n\n',
      'data: {"choices":[{}],"x":{"usage":null}}\n\n',
    ],
    [
      'usage in what is said',
      'data: {"choices":[{"delta":{"content":"\\",\\"usage\\":null}"}}]}\n\n',
      'data: {"choices":[{"delta":{"content":"\\",\\"usage\\":null}"}}]}\n\n',
    ],
    [
      'both',
      'data: {"choices":[{"delta":{"content":"\\"usage\\":null"}}],"usage":null}\n\n',
      'data: {"choices":[{"delta":{"content":"\\"usage\\":null"}}]}\n\n',
    ],
    [
      'an event name',
      'event: x\ndata: {"choices":[{}],"usage":null}\n\n',
      'event: x\ndata: {"choices":[{}]}\n\n',
    ],
    ['two lines of data', 'data: {"choices":[{}],\ndata: "usage":null}\n\n', 'data: {"choices":[{}]}\n\n'],
    ['a comment', ': "usage":null\n\n', ': "usage":null\n\n'],
    ['the end', 'data: [DONE]\n\n', 'data: [DONE]\n\n'],
    ['no JSON', 'data: "usage" {\n\n', 'data: "usage" {\n\n'],
  ]
  test.each(frames)('%s', (_, before, after) => {
    expect(hidden(before)).toBe(after)
  })

  test('the data of a changed frame is that of its bytes', () => {
    for (const [, before] of frames) {
      for (const frame of framesOf(encodeText(before))) {
        const shown = quiet.hide(frame)
        if (shown !== undefined) expect(framesOf(shown.raw)[0]?.data).toBe(shown.data)
      }
    }
  })

  const streams = listCaptures({ surface: 'openai-chat', form: 'stream' }).flatMap(capture =>
    readStreams(capture).map(bytes => [capture.name, bytes] as const),
  )
  test.each(streams)('%s loses its usage and nothing else', (_, bytes) => {
    const text = hidden(bytes)
    expect(chunksOf(text).some(chunk => 'usage' in chunk)).toBe(false)
    const { usage: _usage, ...before } = foldEvents(decode([bytes]))
    expect(foldEvents(decode([encodeText(text)]))).toEqual(before)
  })
})
