import { describe, expect, test } from 'bun:test'
import { loadTokenizer } from '../src/tokens.ts'
import { chat, chatBody, engine, post, say, user } from './support.ts'

describe('a chat completion', () => {
  test('has the keys of OpenAI’s, in their order', async () => {
    const { json } = await chat('Hello')
    expect(Object.keys(json)).toEqual([
      'id',
      'object',
      'created',
      'model',
      'choices',
      'usage',
      'service_tier',
      'system_fingerprint',
    ])
    expect(json).toMatchObject({
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'sandbox',
      service_tier: 'default',
    })
    expect(json.id).toMatch(/^chatcmpl-[A-Za-z0-9]{29}$/)
    expect(json.system_fingerprint).toMatch(/^fp_[0-9a-f]{10}$/)
    const { content, ...message } = json.choices[0].message
    expect(content).toBeString()
    expect({ ...json.choices[0], message }).toEqual({
      index: 0,
      message: { role: 'assistant', refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    })
  })

  test('counts every token, also those that are none', async () => {
    const { usage, choices } = (await chat('Hello')).json
    const tokenizer = await loadTokenizer()
    // Three a message, one for `user`, one for `Hello`, three for the answer.
    expect(usage.prompt_tokens).toBe(8)
    expect(usage.completion_tokens).toBe(tokenizer.count(choices[0].message.content))
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
    expect(usage.prompt_tokens_details).toEqual({ cached_tokens: 0, audio_tokens: 0 })
    expect(usage.completion_tokens_details).toEqual({
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    })
  })

  test('names the tier that was used, and repeats metadata only of what is stored', async () => {
    expect((await chat('hi', { service_tier: 'auto' })).json.service_tier).toBe('default')
    expect((await chat('hi', { service_tier: 'fast' })).json.service_tier).toBe('priority')
    expect((await chat('hi', { metadata: { a: 'b' } })).json).not.toHaveProperty('metadata')
    expect((await chat('hi', { metadata: { a: 'b' }, store: true })).json.metadata).toEqual({ a: 'b' })
  })

  test('ids differ from answer to answer, from time to time, and for nothing else', async () => {
    const ids = async (now = 5) => {
      const sandbox = engine({ clock: () => now })
      const one = (await chat('hi', {}, sandbox)).json.id
      return [one, (await chat('hi', {}, sandbox)).json.id]
    }
    const [first, second] = await ids()
    expect(first).not.toBe(second)
    expect(await ids()).toEqual([first, second])
    expect(await ids(6)).not.toContain(first)
  })
})

describe('what it says', () => {
  test('who it is, and something of what was asked', async () => {
    for (const question of ['What is the capital of France?', 'Tell me about rivers.', 'Is it late?']) {
      const text = await say(question)
      expect(text).toContain('Dragoman sandbox')
      expect(text).toMatch(/not an AI|no AI|rather than an AI/)
      expect(text).toContain(question)
    }
  })

  test.each([
    ['What is 2+2?', '4'],
    ['what is 12 plus 30', '42'],
    ['Calculate 3 * (4 + 5) - 7', '20'],
    ['How much is 1 / 8?', '0.125'],
    ['0.1 + 0.2 = ?', '0.3'],
    ['What is 2^10?', '1024'],
  ])('%s', async (question, value) => {
    expect(await say(question)).toMatch(new RegExp(`\\b${value.replace('.', '\\.')}\\b`))
  })

  test.each([
    ['The meeting is on 2026-11-23.'],
    ['Plan a 3-5 day trip.'],
    ['What is 1/0?'],
    ['What is (((?'],
  ])('%s is no sum', async question => {
    expect(await say(question)).toContain(question)
  })

  test.each([
    ['Reply with exactly ok-9f3a', 'ok-9f3a'],
    ['Reply with exactly: pong.', 'pong'],
    ['Say "hello world" and nothing else', 'hello world'],
    ['echo one two three', 'one two three'],
    ['Please respond with only the word banana', 'banana'],
  ])('%s', async (order, answer) => {
    expect(await say(order)).toBe(answer)
  })

  test.each([
    ['Count from 1 to 5', '1\n2\n3\n4\n5'],
    ['count 3..1', '3\n2\n1'],
    ['Count to three, separated by commas', '1, 2, 3'],
  ])('%s', async (order, answer) => {
    expect(await say(order)).toBe(answer)
  })

  test('a list has as many items as asked for', async () => {
    for (const [words, length] of [
      ['List three fruits', 3],
      ['Give me 14 ideas for a party', 14],
    ] as const) {
      const items = (await say(words)).split('\n').filter((line: string) => /^\d+\. /.test(line))
      expect(items).toHaveLength(length)
      expect(new Set(items).size).toBe(length)
    }
  })

  test.each([
    ['python', 'python'],
    ['TypeScript', 'typescript'],
    ['rust', 'rust'],
    ['SQL', 'sql'],
  ])('code in %s is fenced as such', async (language, fence) => {
    expect(await say(`Write a small program in ${language} that greets`)).toContain(`\`\`\`${fence}\n`)
  })

  test('attachments are counted and named', async () => {
    const text = await say([
      { type: 'text', text: 'Look at these.' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { type: 'image_url', image_url: { url: 'https://x.test/b.jpg', detail: 'low' } },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
    ])
    expect(text).toContain('I received 2 images (image/png, by URL), 1 audio clip (wav) and 1 file (a.pdf)')
  })

  test('attachments are charged', async () => {
    const tokens = async (detail: string) => {
      const part = { type: 'image_url', image_url: { url: 'https://x.test/b.jpg', detail } }
      return (await chat([part])).json.usage.prompt_tokens
    }
    expect((await tokens('high')) - (await tokens('low'))).toBe(680)
    const sound = { type: 'input_audio', input_audio: { data: 'A'.repeat(12_800), format: 'wav' } }
    expect((await chat([sound])).json.usage.prompt_tokens_details.audio_tokens).toBe(3)
  })

  test('it remembers what this conversation holds, and nothing of another', async () => {
    const sandbox = engine()
    const messages = [
      user('My name is Ada. The code word is heron-77.'),
      { role: 'assistant', content: 'Noted.' },
    ]
    const ask = async (question: string, history: object[]) =>
      (await post('chat/completions', { model: 'sandbox', messages: [...history, user(question)] }, sandbox))
        .json.choices[0].message.content
    expect(await ask('What is my name?', messages)).toContain('Ada')
    expect(await ask('What is the code word?', messages)).toContain('heron-77')
    expect(await ask('What did I say first?', messages)).toContain('heron-77')
    expect(await ask('What is the code word?', [])).not.toContain('heron-77')
    expect(await ask('What is my name?', [])).toContain('not told me')
    expect(await ask('And how are things?', messages)).toContain('message number 2')
  })

  test('instructions about the first and the last words are followed', async () => {
    const messages = [
      {
        role: 'system',
        content: 'Always end your answer with "over and out". Start every reply with Roger.',
      },
      user('How is the weather?'),
    ]
    const { json } = await post('chat/completions', { model: 'sandbox', messages })
    expect(json.choices[0].message.content).toMatch(/^Roger .* over and out$/s)
  })

  test('verbosity changes how much it says', async () => {
    const lengths = await Promise.all(
      ['low', 'medium', 'high'].map(
        async verbosity => (await say('Tell me of the sea.', { verbosity })).length,
      ),
    )
    expect(lengths).toEqual(lengths.toSorted((left, right) => left - right))
    expect(new Set(lengths).size).toBe(3)
  })

  test('text that is no Unicode is answered all the same', async () => {
    const { status, text } = await post(
      'chat/completions',
      '{"model":"sandbox","messages":[{"role":"user","content":"a \\ud800 b \\u0000 c"}]}',
    )
    expect(status).toBe(200)
    expect(text).toContain('\ufffd')
  })
})

describe('the same and the different', () => {
  test('the same request gets the same words, from any engine', async () => {
    const body = chatBody('Tell me something.', { seed: 5 })
    const texts = await Promise.all([1, 2, 3].map(async () => (await post('chat/completions', body)).text))
    expect(new Set(texts).size).toBe(1)
  })

  test('seeds vary the words', async () => {
    const texts = await Promise.all(
      Array.from({ length: 12 }, (_, seed) => say('Tell me something.', { seed })),
    )
    expect(new Set(texts).size).toBeGreaterThan(6)
  })

  test('what stands for the default is the default', async () => {
    const plain = await say('Tell me something.')
    expect(await say('Tell me something.', { temperature: 1, top_p: 1, seed: null, n: 1 })).toBe(plain)
    const otherwise = { user: 'me', metadata: { a: 'b' }, store: true, logprobs: true, prompt_cache_key: 'k' }
    expect(await say('Tell me something.', otherwise)).toBe(plain)
  })

  test('a temperature has an effect', async () => {
    const texts = await Promise.all(
      [0, 0.2, 0.4, 0.6, 0.8, 1].map(temperature => say('Tell me something.', { temperature })),
    )
    expect(new Set(texts).size).toBeGreaterThan(2)
  })

  test('choices differ, and are counted together', async () => {
    const { json } = await chat('Tell me something.', { n: 4 })
    const texts = json.choices.map((choice: { message: { content: string } }) => choice.message.content)
    expect(new Set(texts).size).toBe(4)
    expect(json.choices.map((choice: { index: number }) => choice.index)).toEqual([0, 1, 2, 3])
    const tokenizer = await loadTokenizer()
    const total = texts.reduce((sum: number, text: string) => sum + tokenizer.count(text), 0)
    expect(json.usage.completion_tokens).toBe(total)
    expect(texts[0]).toBe(await say('Tell me something.'))
    const sums = (await chat('What is 2+2?', { n: 9 })).json.choices
    expect(new Set(sums.map((choice: { message: { content: string } }) => choice.message.content)).size).toBe(
      9,
    )
  })
})

describe('limits', () => {
  test.each(['max_tokens', 'max_completion_tokens'])('%s cuts at the very token', async name => {
    const whole = await say('Tell me something.')
    const tokenizer = await loadTokenizer()
    const ids = tokenizer.encode(whole)
    for (const limit of [1, 2, 7, ids.length - 1]) {
      const { choices, usage } = (await chat('Tell me something.', { [name]: limit })).json
      expect(usage.completion_tokens).toBe(limit)
      expect(choices[0].finish_reason).toBe('length')
      expect(tokenizer.encode(choices[0].message.content)).toEqual(ids.slice(0, limit))
    }
    const enough = (await chat('Tell me something.', { [name]: ids.length + 1 })).json
    expect(enough.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: whole } })
  })

  test('a limit inside a character leaves the sign that something is missing', async () => {
    const { choices, usage } = (await chat('Say "🫠"', { max_tokens: 1 })).json
    expect(choices[0].message.content).toBe('\ufffd')
    expect(usage.completion_tokens).toBe(1)
  })

  test.each([
    ['one', 'Dragoman', 'Dragoman'],
    ['several, the earliest wins', ['zzz', 'sandbox', 'Dragoman'], 'Dragoman'],
    ['one that tokens divide', 'agoman san', 'agoman san'],
  ])('stop sequences: %s', async (_, stop, found) => {
    const whole = await say('Tell me something.')
    const { choices } = (await chat('Tell me something.', { stop })).json
    expect(choices[0].message.content).toBe(whole.slice(0, whole.indexOf(found)))
    expect(choices[0].finish_reason).toBe('stop')
  })

  test('a stop sequence that comes after the limit does not stop', async () => {
    const { choices } = (await chat('Say "one two three four"', { stop: 'four', max_tokens: 2 })).json
    expect(choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'one two' } })
  })

  test('a stop sequence at the start leaves nothing', async () => {
    const { choices, usage } = (await chat('Say "one two"', { stop: 'one' })).json
    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: '' } })
    expect(usage.completion_tokens).toBe(0)
  })

  test('a prompt beyond the context is refused, not cut', async () => {
    const { status, json } = await chat('word '.repeat(128_000))
    expect(status).toBe(400)
    expect(json.error).toEqual({
      message:
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 128008 tokens. Please reduce the length of the messages.",
      type: 'invalid_request_error',
      param: 'messages',
      code: 'context_length_exceeded',
    })
  })
})

describe('probabilities', () => {
  const probable = async (content: string, more: object = {}) =>
    (await chat(content, { logprobs: true, ...more })).json.choices[0]

  test('one entry a token, that spell the text', async () => {
    const choice = await probable('Say "naïve 🫠 text"', { top_logprobs: 3 })
    const { content, refusal } = choice.logprobs
    expect(refusal).toBeNull()
    const bytes = content.flatMap((one: { bytes: number[] }) => one.bytes)
    expect(new TextDecoder().decode(Uint8Array.from(bytes))).toBe(choice.message.content)
    for (const one of content) {
      expect(one.logprob).toBeLessThanOrEqual(0)
      expect(one.top_logprobs).toHaveLength(3)
      expect(one.top_logprobs[0]).toEqual({ token: one.token, logprob: one.logprob, bytes: one.bytes })
      const chances = one.top_logprobs.map((top: { logprob: number }) => Math.exp(top.logprob))
      expect(chances).toEqual(chances.toSorted((left: number, right: number) => right - left))
      expect(chances.reduce((sum: number, chance: number) => sum + chance, 0)).toBeLessThanOrEqual(1)
    }
    // The melting face takes more than one token, and a part of a character is spelt by its bytes.
    expect(content.some((one: { token: string }) => /^(\\x[0-9a-f]{2})+$/.test(one.token))).toBeTrue()
  })

  test('no alternatives unless asked for', async () => {
    const { logprobs } = await probable('hi')
    expect(logprobs.content[0].top_logprobs).toEqual([])
  })

  test('a token that is banned is not said', async () => {
    const tokenizer = await loadTokenizer()
    const [banned = 0] = tokenizer.encode('Dragoman'.slice(0, 4)).slice(0, 1)
    const whole = await say('Tell me something.')
    const [first = 0] = tokenizer.encode(whole)
    const text = await say('Tell me something.', { logit_bias: { [first]: -100, [banned]: -100 } })
    expect(text).not.toBe(whole)
    expect(tokenizer.encode(text)[0]).not.toBe(first)
    const choice = await probable('Tell me something.', { logit_bias: { [first]: -100 } })
    const said = choice.logprobs.content.map((one: { token: string }) => one.token)
    expect(said).not.toContain(tokenizer.text(first))
  })
})

test('a ban cannot break a format', async () => {
  const tokenizer = await loadTokenizer()
  const more = { response_format: { type: 'json_object' } }
  const [brace = 0] = tokenizer.encode(await say('JSON', more))
  expect(JSON.parse(await say('JSON', { ...more, logit_bias: { [brace]: -100 } }))).toBeObject()
})

describe('reasoning', () => {
  const think = async (more: object = {}) =>
    (await post('chat/completions', chatBody('Tell me something.', { model: 'sandbox-reasoning', ...more })))
      .json

  test('costs tokens by effort, and does not show', async () => {
    const spent = []
    for (const reasoning_effort of ['none', 'minimal', 'low', 'medium', 'high', 'xhigh']) {
      const { usage, choices } = await think({ reasoning_effort })
      const { reasoning_tokens } = usage.completion_tokens_details
      const tokenizer = await loadTokenizer()
      expect(usage.completion_tokens - reasoning_tokens).toBe(tokenizer.count(choices[0].message.content))
      spent.push(reasoning_tokens)
    }
    expect(spent).toEqual([0, 16, 64, 192, 512, 1024])
  })

  test('is at medium effort by default, and counts towards the limit', async () => {
    expect((await think()).usage.completion_tokens_details.reasoning_tokens).toBe(192)
    const cut = await think({ max_completion_tokens: 100 })
    expect(cut.usage.completion_tokens).toBe(100)
    expect(cut.usage.completion_tokens_details.reasoning_tokens).toBe(100)
    expect(cut.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } })
  })
})
