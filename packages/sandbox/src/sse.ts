import { letters } from './random.ts'

/** Server-sent events as OpenAI writes them: chat names no event, Responses names each after its type. */
export const dataFrame = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`
export const eventFrame = (event: { readonly type: string; readonly [key: string]: unknown }): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

export const DONE = 'data: [DONE]\n\n'

/**
 * Padding that brings a delta to a multiple of `width` characters, so that the length of a frame does not tell the
 * length of a token (captures: 10 on chat, 16 on Responses).
 */
export const obfuscation = (delta: string, width: number, ...seed: readonly (string | number)[]): string =>
  letters(width - (delta.length % width), 'obfuscation', ...seed)
