// What holds for every request, and for the package as a whole.
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { evaluate } from '../src/text/arithmetic.ts'
import { deltas, loadTokenizer, textOf } from '../src/tokens.ts'
import { chat, engine, post, type Read, streamed, time, weather } from './support.ts'

const sandbox = engine()
const words = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    'What is 2+2?',
    'List four cities',
    'Weather in Oslo?',
    'Write code in go',
    'call get_time',
    'json, please',
    'Reply with exactly 👩‍👩‍👧‍👦',
  ),
)
const wishes = fc.record(
  {
    seed: fc.integer(),
    temperature: fc.constantFrom(0, 0.7, 1, 2),
    max_completion_tokens: fc.integer({ min: 1, max: 90 }),
    stop: fc.array(fc.constantFrom('a', 'the', ' sandbox', '.', 'ragoman s', '"', '🫠'), {
      minLength: 1,
      maxLength: 4,
    }),
    n: fc.integer({ min: 1, max: 3 }),
    verbosity: fc.constantFrom('low', 'medium', 'high'),
    logprobs: fc.boolean(),
    tools: fc.constantFrom([weather], [weather, time]),
  },
  { requiredKeys: [] },
)

describe('for every request', () => {
  test('the same bytes from another engine', async () => {
    await fc.assert(
      fc.asyncProperty(words, wishes, fc.boolean(), async (said, more, stream) => {
        const twice = [1, 2].map(async () => (await chat(said, { ...more, stream }, engine())).text)
        const [one, two] = await Promise.all(twice)
        expect(one).toBe(two ?? '')
      }),
      { numRuns: 60 },
    )
  })

  test('no stop sequence is ever said, and no limit is ever passed', async () => {
    await fc.assert(
      fc.asyncProperty(words, wishes, async (said, more) => {
        const { json } = await chat(said, more, sandbox)
        const { stop = [], max_completion_tokens: limit = Number.POSITIVE_INFINITY, n = 1 } = more
        expect(json.choices).toHaveLength(n)
        for (const { message, finish_reason } of json.choices) {
          for (const one of stop) expect(message.content ?? '').not.toContain(one)
          expect(['stop', 'length', 'tool_calls']).toContain(finish_reason)
          if (limit === Number.POSITIVE_INFINITY) expect(finish_reason).not.toBe('length')
        }
        const { completion_tokens, prompt_tokens, total_tokens } = json.usage
        expect(completion_tokens).toBeLessThanOrEqual(limit * n)
        expect(total_tokens).toBe(prompt_tokens + completion_tokens)
        const cut = json.choices.every((choice: Read) => choice.finish_reason === 'length')
        if (cut) expect(completion_tokens).toBe(limit * n)
      }),
      { numRuns: 200 },
    )
  })

  test('a stream adds up to the whole', async () => {
    await fc.assert(
      fc.asyncProperty(words, wishes, async (said, more) => {
        const { tools: _, ...rest } = more
        const whole = (await chat(said, rest, sandbox)).json
        const body = { model: 'sandbox', messages: [{ role: 'user', content: said }], ...rest }
        const chunks = await streamed(
          'chat/completions',
          { ...body, stream_options: { include_usage: true } },
          sandbox,
        )
        const texts: string[] = []
        for (const chunk of chunks.slice(0, -2)) {
          const { index, delta } = chunk.choices[0]
          texts[index] = (texts[index] ?? '') + (delta.content ?? '')
        }
        expect(texts).toEqual(whole.choices.map((choice: Read) => choice.message.content))
        expect(chunks.at(-2).usage).toEqual(whole.usage)
      }),
      { numRuns: 80 },
    )
  })

  test('a shorter answer is the beginning of a longer one', async () => {
    await fc.assert(
      fc.asyncProperty(words, fc.integer({ min: 1, max: 60 }), async (said, limit) => {
        const whole = (await chat(said, {}, sandbox)).json.choices[0].message.content
        const cut = (await chat(said, { max_tokens: limit }, sandbox)).json.choices[0].message.content
        expect(whole.startsWith(cut.replace(/\ufffd+$/, ''))).toBeTrue()
      }),
      { numRuns: 60 },
    )
  })

  test('chat and Responses say the same', async () => {
    await fc.assert(
      fc.asyncProperty(words, async said => {
        const whole = (await chat(said, {}, sandbox)).json
        const { output, usage } = (await post('responses', { model: 'sandbox', input: said }, sandbox)).json
        expect(output[0].content[0].text).toBe(whole.choices[0].message.content)
        expect(usage.output_tokens).toBe(whole.usage.completion_tokens)
      }),
      { numRuns: 60 },
    )
  })

  test('any JSON at all gets an answer or an error, never an exception', async () => {
    const fields = fc.constantFrom(
      'model',
      'messages',
      'input',
      'tools',
      'tool_choice',
      'stop',
      'text',
      'response_format',
      'n',
      'prompt',
      'logit_bias',
      '__proto__',
    )
    const paths = fc.constantFrom(
      'chat/completions',
      'responses',
      'embeddings',
      'completions',
      'responses/input_tokens',
    )
    await fc.assert(
      fc.asyncProperty(
        paths,
        fc.dictionary(fields, fc.jsonValue()),
        fc.boolean(),
        async (path, body, named) => {
          const { status, json } = await post(path, named ? { ...body, model: 'sandbox' } : body, sandbox)
          expect([200, 400, 403, 404]).toContain(status)
          if (status !== 200) expect(Object.keys(json.error)).toEqual(['message', 'type', 'param', 'code'])
        },
      ),
      { numRuns: 400 },
    )
  })
})

const schema = {
  type: 'object',
  properties: {
    a: { type: 'array', items: { $ref: '#/$defs/t' } },
    b: { anyOf: [{ type: 'number' }, { type: 'null' }] },
  },
  required: ['a', 'b'],
  additionalProperties: false,
  $defs: { t: { enum: [1, 'x'] } },
}
const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }
const good: readonly (readonly [string, object])[] = [
  [
    'chat/completions',
    {
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'weather in Oslo, json' }] },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'a', content: '{"x":1}' },
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: schema } }],
      tool_choice: 'required',
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
      stop: ['a'],
      logit_bias: { 5: -100 },
      logprobs: true,
      n: 2,
    },
  ],
  [
    'responses',
    {
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
        { type: 'function_call', call_id: 'a', name: 'f', arguments: '{' },
        { type: 'function_call_output', call_id: 'a', output: [{ type: 'input_text', text: 'x' }] },
      ],
      tools: [{ type: 'function', name: 'f', parameters: schema }],
      text: { format: { type: 'json_schema', name: 'n', schema } },
      stream: true,
    },
  ],
  [
    'completions',
    { prompt: ['a', 'b'], n: 2, logprobs: 1, echo: true, stop: 'x', suffix: 'y', stream: true },
  ],
  ['embeddings', { model: 'sandbox-embedding', input: ['a', 'b'], dimensions: 5, encoding_format: 'base64' }],
]
const odd = fc.oneof(
  fc.constantFrom<Read>(
    '',
    'sandbox',
    -1,
    1e308,
    { $ref: '#' },
    { type: 'array' },
    { anyOf: [] },
    { properties: 5 },
    [[]],
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

/** The body with one value, found by following the numbers, replaced by another. */
function spoilt(value: Read, [step, ...steps]: number[], by: Read): Read {
  if (step === undefined || typeof value !== 'object' || value === null) return by
  const keys = Object.keys(value)
  const key = keys[step % Math.max(1, keys.length)]
  if (key === undefined) return by
  const copy = structuredClone(value)
  copy[key] = spoilt(value[key], steps, by)
  return copy
}

test('a good request with something wrong in it gets an answer or an error, never an exception', async () => {
  const path = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...good), path, odd, async ([route, body], where, by) => {
      const { status, json } = await post(route, spoilt({ model: 'sandbox', ...body }, where, by), sandbox)
      expect([200, 400, 403, 404]).toContain(status)
      if (status !== 200) expect(json.error.message).not.toMatch(/undefined|\[object Object\]/)
    }),
    { numRuns: 500 },
  )
  expect(sandbox.live).toEqual({ timers: 0, streams: 0 })
})

describe('tokens', () => {
  test('divide every text, and put it together again', async () => {
    const tokenizer = await loadTokenizer()
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), text => {
        const ids = tokenizer.encode(text)
        expect(textOf({ ids, cut: null }, tokenizer)).toBe(text)
        for (const delta of deltas({ ids, cut: null }, tokenizer))
          expect(delta.text.isWellFormed()).toBeTrue()
        const bytes = ids.flatMap(id => [...tokenizer.bytes(id)])
        expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes))).toBe(text)
      }),
      { numRuns: 300 },
    )
  })

  test('of long runs are cheap, and put together again as well', async () => {
    const tokenizer = await loadTokenizer()
    for (const unit of ['a', ' ', '=', '漢', '\u0301', '😀']) {
      const text = unit.repeat(50_000)
      expect(textOf({ ids: tokenizer.encode(text), cut: null }, tokenizer)).toBe(text)
    }
  })

  test('that are parts of characters and never whole are marked in their place', async () => {
    const tokenizer = await loadTokenizer()
    const [part = 0] = tokenizer.encode('🫠')
    const [letter = 0] = tokenizer.encode('a')
    expect(textOf({ ids: [part, letter, part], cut: null }, tokenizer)).toBe('\ufffda\ufffd')
  })

  test('of special names are text like any other', async () => {
    const tokenizer = await loadTokenizer()
    expect(textOf({ ids: tokenizer.encode('<|endoftext|>'), cut: null }, tokenizer)).toBe('<|endoftext|>')
  })
})

test('sums come out as the language’s own do', () => {
  const number = fc.integer({ min: 0, max: 99 }).map(String)
  const { sum } = fc.letrec<{ sum: string }>(tie => ({
    sum: fc.oneof(
      { maxDepth: 4 },
      number,
      fc
        .tuple(tie('sum'), fc.constantFrom('+', '-', '*', '/'), tie('sum'))
        .map(parts => `(${parts.join(' ')})`),
      fc
        .tuple(number, fc.constantFrom('+', '-', '*'), number, fc.constantFrom('+', '*'), number)
        .map(parts => parts.join('')),
    ),
  }))
  fc.assert(
    fc.property(sum, text => {
      const expected = Number(new Function(`return ${text}`)())
      expect(evaluate(text)).toBe(Number.isFinite(expected) ? expected : null)
    }),
  )
  for (const odd of ['', '1 +', '(1', '1)', '1 2', 'x', '1..2', `${'('.repeat(99)}1${')'.repeat(99)}`])
    expect(evaluate(odd)).toBeNull()
})

describe('the package', () => {
  const sources = async () => {
    const found: { readonly path: string; readonly text: string }[] = []
    for await (const path of new Bun.Glob('**/*.ts').scan(`${import.meta.dir}/../src`))
      found.push({ path, text: await Bun.file(`${import.meta.dir}/../src/${path}`).text() })
    return found
  }

  test('imports nothing but itself, and its tokenizer only when it is needed', async () => {
    for (const { path, text } of await sources()) {
      for (const [, from = ''] of text.matchAll(/from '([^']+)'/g))
        expect([path, from]).toEqual([path, expect.stringMatching(/^\.\.?\//)])
      for (const [, name = ''] of text.matchAll(/import\('([^']+)'\)/g))
        expect([path, name]).toEqual([
          path,
          expect.stringMatching(path === 'tokens.ts' ? /^gpt-tokenizer\// : /^\.\//),
        ])
    }
  })

  test('knows no runtime, no clock of its own and no chance', async () => {
    for (const { path, text } of await sources()) {
      expect([
        path,
        /['"]node:|\bBun\.|\bprocess\.|\brequire\(|\bBuffer\b|Math\.random|new Date\b/.test(text),
      ]).toEqual([path, false])
      // The clock is only a default, which a caller can replace.
      expect([path, text.match(/Date\.now/g)?.length ?? 0]).toEqual([path, path === 'server.ts' ? 1 : 0])
    }
  })

  test('exports what it promises', async () => {
    expect(Object.keys(await import('../src/index.ts')).toSorted()).toEqual([
      'createSandbox',
      'faults',
      'models',
    ])
  })
})
