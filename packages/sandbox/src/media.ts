import { audioTokens, fileTokens, IMAGE } from './prompt.ts'
import type { Media } from './question.ts'

/** The type that a data URL declares, or where an address leads; empty where nothing is known. */
function labelOf(url: string | null): string {
  const declared = /^data:([\w.+-]+\/[\w.+-]+)/.exec(url ?? '')?.[1]
  if (declared !== undefined) return declared
  return url !== null && /^https?:/.test(url) ? 'by URL' : ''
}

export const image = (url: string | null, detail: string | null): Media => ({
  kind: 'image',
  label: labelOf(url),
  tokens: detail === 'low' ? IMAGE.low : IMAGE.high,
})

export const audio = (data: string | null, format: string | null): Media => ({
  kind: 'audio',
  label: format ?? '',
  tokens: audioTokens(data ?? ''),
})

export const file = (data: string | null, name: string | null): Media => ({
  kind: 'file',
  label: name ?? labelOf(data),
  tokens: fileTokens(data ?? ''),
})

/** OpenAI takes an address or a data URL of an image, and says so about anything else. */
export const isImageUrl = (url: string): boolean =>
  /^https?:\/\/\S+$/.test(url) || /^data:image\/[\w.+-]+;base64,[\w+/=-]+$/.test(url)
