// A text as a vector: its words, pairs of words and letters, each thrown in a direction of its own. Texts that share
// them point the same way, which is all that similarity means here.
import { hash } from '../random.ts'
import { stem } from '../text/words.ts'

const WEIGHTS = { word: 1, common: 0.15, pair: 0.6, letters: 0.25 } as const
/** Words that every text has say little about it. */
const COMMON = new Set(
  'a an and are as at be by do does for from how i in is it its my of on or that the this to was what with you your'.split(
    ' ',
  ),
)

/** Unit length, single precision, so that the float and the base64 form are the same numbers. */
export function embed(text: string, dimensions: number, length: number): Float32Array {
  const sums = new Float64Array(length)
  for (const [feature, weight] of features(text)) project(feature, weight, sums, dimensions)
  return normalise(sums)
}

function features(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  const add = (feature: string, weight: number) => found.set(feature, (found.get(feature) ?? 0) + weight)
  const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [...text.trim()]
  let before = ''
  for (const word of words) {
    const root = stem(word)
    add(`w:${root}`, COMMON.has(word) ? WEIGHTS.common : WEIGHTS.word)
    if (before !== '') add(`p:${before} ${root}`, WEIGHTS.pair)
    before = root
    const padded = ` ${root} `
    if (!COMMON.has(word))
      for (let at = 0; at + 3 <= padded.length; at += 1) add(`l:${padded.slice(at, at + 3)}`, WEIGHTS.letters)
  }
  // The tenth mention of a word is worth less than the first.
  for (const [feature, weight] of found) found.set(feature, Math.log1p(weight))
  return found.size > 0 ? found : new Map([['nothing', 1]])
}

/** A feature's direction: a sign for every dimension, 32 of them from one step of a shift register. */
function project(feature: string, weight: number, sums: Float64Array, dimensions: number): void {
  let state = (hash('feature', feature, dimensions) % 4294967296) | 1
  for (let at = 0; at < sums.length; at += 1) {
    if (at % 32 === 0) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
    }
    sums[at] = (sums[at] ?? 0) + ((state >>> (at % 32)) & 1 ? weight : -weight)
  }
}

function normalise(sums: Float64Array): Float32Array {
  const length = Math.sqrt(sums.reduce((sum, one) => sum + one * one, 0))
  const unit = Float32Array.from(sums, one => (length === 0 ? 0 : one / length))
  if (length === 0) unit[0] = 1
  return unit
}

/** Little-endian single precision in base64, as openai-node decodes it. */
export function toBase64(vector: Float32Array): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4))
  for (const [at, one] of vector.entries()) view.setFloat32(at * 4, one, true)
  let binary = ''
  for (let at = 0; at < view.byteLength; at += 1) binary += String.fromCharCode(view.getUint8(at))
  return btoa(binary)
}
