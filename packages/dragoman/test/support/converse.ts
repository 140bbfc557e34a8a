import { type AwsMessage, writeAwsMessage } from '../../src/wire/aws-event-stream.ts'

/** Hand-written answers of Converse, whole and as binary messages. */
export const converse = {
  whole: (text: string) => ({
    output: { message: { role: 'assistant', content: [{ text }] } },
    stopReason: 'end_turn',
    usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
    metrics: { latencyMs: 10 },
  }),
  wholeCall: (input: object) => ({
    output: {
      message: {
        role: 'assistant',
        content: [{ text: 'Let me look. ' }, { toolUse: { toolUseId: 'tooluse_A', name: 'weather', input } }],
      },
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 20, outputTokens: 9, totalTokens: 29, cacheReadInputTokens: 100 },
    metrics: { latencyMs: 10 },
  }),
  event: (name: string, payload: object) =>
    writeAwsMessage({ type: 'event', name, data: JSON.stringify(payload) }),
  exception: (name: string, payload: object) =>
    writeAwsMessage({ type: 'exception', name, data: JSON.stringify(payload) }),
  error: (name: string, message: string) =>
    writeAwsMessage({ type: 'error', name, message } satisfies AwsMessage),
  start: () => converse.event('messageStart', { role: 'assistant', p: 'abcdef' }),
  text: (text: string, contentBlockIndex = 0) =>
    converse.event('contentBlockDelta', { contentBlockIndex, delta: { text }, p: 'abc' }),
  close: (contentBlockIndex = 0) => converse.event('contentBlockStop', { contentBlockIndex }),
  call: (contentBlockIndex = 1) =>
    converse.event('contentBlockStart', {
      contentBlockIndex,
      start: { toolUse: { toolUseId: 'tooluse_A', name: 'weather' } },
    }),
  input: (input: string, contentBlockIndex = 1) =>
    converse.event('contentBlockDelta', { contentBlockIndex, delta: { toolUse: { input } } }),
  stop: (stopReason = 'end_turn') => converse.event('messageStop', { stopReason }),
  usage: (more: object = {}) =>
    converse.event('metadata', {
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5, ...more },
      metrics: { latencyMs: 10 },
    }),
  /** One event of another wire as a message of a native model's stream. */
  chunk: (event: object) =>
    converse.event('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'xyz' }),
}

/** The bytes of several messages in a row. */
export const joined = (...messages: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.concat(messages))

export const answerOf = (text: string): Uint8Array =>
  joined(converse.start(), converse.text(text), converse.close(), converse.stop(), converse.usage())

export const callOf = (...input: readonly string[]): Uint8Array =>
  joined(
    converse.start(),
    converse.text('Let me look. '),
    converse.close(),
    converse.call(),
    ...input.map(piece => converse.input(piece)),
    converse.close(1),
    converse.stop('tool_use'),
    converse.usage(),
  )
