import { expect } from 'bun:test'
import type { Path } from './scene.ts'

interface Ends {
  /** What only an answer that is whole has. */
  readonly whole: RegExp
  /** What only an answer that failed in band ends with. */
  readonly broken: RegExp
}

const ends: { readonly [P in Path]: Ends } = {
  '/v1/chat/completions': {
    whole: /data: \[DONE\]\n\n$/,
    broken: /data: \{"error":\{[^\n]*\}\n\n$/,
  },
  '/v1/responses': {
    whole: /event: response\.(completed|incomplete)\ndata: [^\n]*\n\n$/,
    broken: /event: (error|response\.failed)\ndata: [^\n]*\n\n$/,
  },
  '/v1/messages': {
    whole: /event: message_stop\ndata: [^\n]*\n\n$/,
    broken: /event: error\ndata: [^\n]*\n\n$/,
  },
}

/** Every frame of an SSE text, comments left out: its name and its data. */
export function framesOf(text: string): readonly { readonly event: string; readonly data: string }[] {
  return text.split('\n\n').flatMap(block => {
    const lines = block.split('\n')
    const find = (name: string) => lines.find(line => line.startsWith(name))?.slice(name.length)
    const data = find('data: ')
    return data === undefined ? [] : [{ event: find('event: ') ?? '', data }]
  })
}

/** The stream came to its own end: one terminator, and every frame before it is JSON. */
export function expectWhole(path: Path, text: string): void {
  expect(text).toMatch(ends[path].whole)
  expect(text).not.toMatch(ends[path].broken)
  for (const { data } of framesOf(text)) if (data !== '[DONE]') JSON.parse(data)
}

/** The stream ended with an error of its dialect, and nothing pretends to be an end. */
export function expectBroken(path: Path, text: string, message?: RegExp): void {
  expect(text).toMatch(ends[path].broken)
  expect(text).not.toMatch(ends[path].whole)
  expect(text).not.toMatch(/"finish_reason":"(?!null)|"stop_reason":"|"status":"completed","output":\[\{/)
  const frames = framesOf(text)
  for (const { data } of frames) JSON.parse(data)
  if (message !== undefined) expect(frames.at(-1)?.data).toMatch(message)
}

/** The text of an answer, however its dialect streams it. */
export function textOf(text: string): string {
  return framesOf(text)
    .flatMap(({ data }) => {
      if (data === '[DONE]') return []
      const frame = JSON.parse(data)
      if (frame.type === 'response.output_text.delta') return [frame.delta]
      if (frame.type === 'content_block_delta') return [frame.delta.text ?? '']
      return (frame.choices ?? []).map(
        (choice: { delta?: { content?: string | null } }) => choice.delta?.content ?? '',
      )
    })
    .join('')
}
