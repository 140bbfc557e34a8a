import { describe, expect, test } from 'bun:test'
import { loadTokenizer } from '../src/tokens.ts'
import { engine, post, type Read, streamed } from './support.ts'

const complete = async (more: object = {}): Promise<Read> =>
  (await post('completions', { model: 'sandbox', prompt: 'Once upon a time', ...more })).json

describe('a completion', () => {
  test('has the keys of OpenAI’s, and 16 tokens unless more are asked for', async () => {
    const json = await complete()
    expect(json).toEqual({
      id: expect.stringMatching(/^cmpl-[A-Za-z0-9]{29}$/),
      object: 'text_completion',
      created: 1_700_000_000,
      model: 'sandbox',
      choices: [{ text: expect.any(String), index: 0, logprobs: null, finish_reason: 'length' }],
      usage: { prompt_tokens: 4, completion_tokens: 16, total_tokens: 20 },
    })
    const tokenizer = await loadTokenizer()
    expect(tokenizer.count(json.choices[0].text)).toBe(16)
    const { choices } = await complete({ max_tokens: 500 })
    expect(choices[0].finish_reason).toBe('stop')
    expect(choices[0].text).toStartWith(json.choices[0].text)
  })

  test('several prompts, and several choices each', async () => {
    const { choices, usage } = await complete({ prompt: ['One', 'Two'], n: 2, max_tokens: 300 })
    expect(choices.map((choice: Read) => choice.index)).toEqual([0, 1, 2, 3])
    expect(choices[0].text).toContain('One')
    expect(choices[3].text).toContain('Two')
    expect(new Set(choices.map((choice: Read) => choice.text)).size).toBe(4)
    expect(usage.prompt_tokens).toBe(2)
  })

  test('tokens are a prompt too', async () => {
    const tokenizer = await loadTokenizer()
    const prompt = tokenizer.encode('Once upon a time')
    const plain = await complete()
    expect((await complete({ prompt })).choices).toEqual(plain.choices)
    expect((await complete({ prompt: [prompt, prompt] })).choices[1].text).toBe(plain.choices[0].text)
    expect((await complete({ prompt: null })).usage.prompt_tokens).toBe(0)
  })

  test('the best of several costs all of them', async () => {
    const { usage, choices } = await complete({ best_of: 3, max_tokens: 5 })
    expect(choices).toHaveLength(1)
    expect(usage.completion_tokens).toBe(15)
  })

  test('an echo begins with the prompt', async () => {
    const plain = await complete()
    expect((await complete({ echo: true })).choices[0].text).toBe(`Once upon a time${plain.choices[0].text}`)
    const nothing = await complete({ echo: true, max_tokens: 0 })
    expect(nothing.choices[0]).toMatchObject({ text: 'Once upon a time', finish_reason: 'length' })
    expect(nothing.usage.completion_tokens).toBe(0)
  })

  test('stop sequences, bans and seeds work as on chat', async () => {
    const { choices } = await complete({ stop: ['upon'], max_tokens: 300 })
    expect(choices[0].finish_reason).toBe('stop')
    expect(choices[0].text).not.toContain('upon')
    const whole = await complete()
    const tokenizer = await loadTokenizer()
    const [first = 0] = tokenizer.encode(whole.choices[0].text)
    expect((await complete({ logit_bias: { [first]: -100 } })).choices[0].text).not.toBe(
      whole.choices[0].text,
    )
    const texts = await Promise.all(
      [1, 2, 3, 4, 5].map(async seed => (await complete({ seed })).choices[0].text),
    )
    expect(new Set(texts).size).toBeGreaterThan(1)
  })

  test('probabilities are four lists of one length', async () => {
    const { choices } = await complete({ logprobs: 2, echo: true, max_tokens: 4 })
    const { tokens, token_logprobs, top_logprobs, text_offset } = choices[0].logprobs
    expect(tokens.join('')).toBe(choices[0].text)
    expect(tokens).toHaveLength(8)
    expect([token_logprobs, top_logprobs, text_offset].map(list => list.length)).toEqual([8, 8, 8])
    expect(token_logprobs[0]).toBeNull()
    for (const [at, offset] of text_offset.entries())
      expect(choices[0].text.slice(offset)).toStartWith(tokens[at])
    expect(Object.keys(top_logprobs[1])).toHaveLength(2)
    const after = await complete({ logprobs: 0, max_tokens: 2 })
    expect(after.choices[0].logprobs.text_offset[0]).toBe('Once upon a time'.length)
    expect(after.choices[0].logprobs.top_logprobs).toBeNull()
  })
})

describe('a streamed completion', () => {
  test.each([
    ['plain', {}],
    ['with an echo', { echo: true }],
    ['with probabilities', { logprobs: 1, echo: true }],
    ['of several prompts', { prompt: ['a', 'b'], n: 2 }],
    ['of nothing', { max_tokens: 0 }],
    ['stopped', { stop: 'upon', max_tokens: 99 }],
  ])('%s: adds up to the whole, and the last text carries the finish', async (_, more) => {
    const body = { model: 'sandbox', prompt: 'Once upon a time', ...more }
    const whole = (await post('completions', body, engine())).json
    const chunks = await streamed(
      'completions',
      { ...body, stream_options: { include_usage: true } },
      engine(),
    )
    expect(chunks.pop()).toBe('[DONE]')
    const usage = chunks.pop()
    expect(usage).toMatchObject({ choices: [], usage: whole.usage })
    const choices: Read[] = []
    for (const { choices: part, ...head } of chunks) {
      expect(head).toEqual({
        id: whole.id,
        object: 'text_completion',
        created: whole.created,
        model: 'sandbox',
        usage: null,
      })
      const { index, text, logprobs, finish_reason } = part[0]
      const so = choices[index] ?? { index, text: '', logprobs: null, finish_reason: null }
      expect(so.finish_reason).toBeNull()
      choices[index] = { index, text: so.text + text, logprobs: join(so.logprobs, logprobs), finish_reason }
    }
    expect(choices).toEqual(whole.choices)
  })

  test('without asking there is no usage', async () => {
    const chunks = await streamed('completions', { model: 'sandbox', prompt: 'x' })
    for (const chunk of chunks.slice(0, -1)) expect(chunk).not.toHaveProperty('usage')
  })
})

const join = (before: Read, more: Read): Read =>
  before === null
    ? more
    : Object.fromEntries(Object.entries<Read>(before).map(([key, list]) => [key, [...list, ...more[key]]]))
