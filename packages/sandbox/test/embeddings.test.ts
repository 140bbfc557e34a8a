import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { loadTokenizer } from '../src/tokens.ts'
import { engine, post, type Read } from './support.ts'

const sandbox = engine()
const embed = async (input: unknown, more: object = {}): Promise<Read> =>
  (await post('embeddings', { model: 'sandbox-embedding', input, ...more }, sandbox)).json
const vectors = async (texts: readonly string[], more: object = {}): Promise<number[][]> =>
  (await embed(texts, more)).data.map((one: { embedding: number[] }) => one.embedding)
const dot = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, one, at) => sum + one * (right[at] ?? 0), 0)

describe('an embedding', () => {
  test('has the shape of OpenAI’s', async () => {
    const json = await embed(['one', 'two words'])
    expect(json).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: expect.any(Array) },
        { object: 'embedding', index: 1, embedding: expect.any(Array) },
      ],
      model: 'sandbox-embedding',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    })
  })

  test.each([
    ['sandbox-embedding', 1536],
    ['sandbox-embedding-large', 3072],
  ])('of %s has %d dimensions', async (model, length) => {
    expect((await vectors(['a'], { model }))[0]).toHaveLength(length)
  })

  test('fewer dimensions are the first of all, at unit length', async () => {
    const [whole = []] = await vectors(['a quiet river'])
    const [short = []] = await vectors(['a quiet river'], { dimensions: 64 })
    expect(short).toHaveLength(64)
    const cut = whole.slice(0, 64)
    const length = Math.sqrt(dot(cut, cut))
    for (const [at, one] of short.entries()) expect(one).toBeCloseTo((cut[at] ?? 0) / length, 5)
  })

  test('in base64 is the same numbers, little-endian', async () => {
    const [floats = []] = await vectors(['a quiet river'])
    const { data } = await embed('a quiet river', { encoding_format: 'base64' })
    const bytes = Uint8Array.from(atob(data[0].embedding), one => one.charCodeAt(0))
    const view = new DataView(bytes.buffer)
    expect(bytes.length).toBe(1536 * 4)
    expect(Array.from({ length: 1536 }, (_, at) => view.getFloat32(at * 4, true))).toEqual(floats)
  })

  test('of tokens is that of their text', async () => {
    const tokenizer = await loadTokenizer()
    const ids = tokenizer.encode('a quiet river')
    const plain = await embed('a quiet river')
    expect(await embed(ids)).toEqual(plain)
    const several = await embed([ids, tokenizer.encode('two')])
    expect(several.data[0]).toEqual(plain.data[0])
    expect(several.usage.prompt_tokens).toBe(ids.length + 1)
  })

  test('alone and among others is the same', async () => {
    const [alone] = await vectors(['beta'])
    expect((await vectors(['alpha', 'beta', 'gamma']))[1]).toEqual(alone ?? [])
  })

  test('has unit length, whatever the text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.integer({ min: 1, max: 1536 }),
        async (text, dimensions) => {
          const [vector = []] = await vectors([text], { dimensions })
          expect(Math.sqrt(dot(vector, vector))).toBeCloseTo(1, 4)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('similarity', () => {
  test.each([
    [
      'How do I reset my password?',
      'I need to reset the password of my account',
      'The river was high after the rain',
    ],
    ['The cat sat on the mat', 'A cat is sitting on a mat', 'Quarterly revenue grew by ten percent'],
    ['cheap flights to Lisbon', 'finding a cheap flight to Lisbon', 'how to bake sourdough bread'],
    ['deploying containers with kubernetes', 'kubernetes container deployment', 'a poem about autumn leaves'],
    ['Die Katze schläft', 'Die Katze hat geschlafen', 'Der Zug fährt nach Berlin'],
  ])('%s', async (text, near, far) => {
    const [one = [], two = [], three = []] = await vectors([text, near, far])
    expect(dot(one, two)).toBeGreaterThan(0.3)
    expect(dot(one, two)).toBeGreaterThan(dot(one, three) + 0.2)
    // Also where only a few dimensions are kept.
    const [a = [], b = [], c = []] = await vectors([text, near, far], { dimensions: 256 })
    expect(dot(a, b)).toBeGreaterThan(dot(a, c))
  })

  test('the words that every text has make no texts alike', async () => {
    const [one = [], two = []] = await vectors([
      'What is the price of the car?',
      'What is the colour of the sky?',
    ])
    expect(dot(one, two)).toBeLessThan(0.3)
  })

  test('capitals and signs do not matter', async () => {
    const [one = [], two = []] = await vectors(['Hello, World!', 'hello world'])
    expect(dot(one, two)).toBeCloseTo(1, 4)
  })
})
