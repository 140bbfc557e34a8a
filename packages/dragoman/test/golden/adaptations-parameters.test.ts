import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '@dragoman/fixtures'
import { ask, claude, forms, gpt, heard, host, type Question, text, user } from './adaptations-driver.ts'

const hello = { messages: [user('Hi')] }
const parts = [text('Hi.')]

describe('reasoning in the form a model takes', () => {
  const effort = (reasoning_effort: string) => ({ ...hello, reasoning_effort })
  const chat = (model: string, request: JsonObject): Question => ({
    caller: 'openai-chat',
    target: claude(model),
    request,
    parts,
  })

  test.each([
    ['low', 1024],
    ['medium', 4096],
    ['high', 16_384],
    ['xhigh', 32_000],
  ])('an effort of %s is a budget where the model takes only budgets', async (word, budget) => {
    const outcome = await ask(chat('claude-sonnet-4-5', effort(word)))
    expect(outcome.received).toMatchObject({ thinking: { type: 'enabled', budget_tokens: budget } })
    expect(outcome.received).not.toContainKey('output_config')
    expect(outcome.notes).toEqual(['approximated reasoning_effort'])
  })

  test.each([
    ['claude-opus-4-6', 'high', 'high', []],
    ['claude-opus-4-6', 'minimal', 'low', ['approximated reasoning_effort']],
    ['claude-opus-4-6', 'max', 'high', ['approximated reasoning_effort']],
    ['claude-sonnet-5', 'max', 'max', []],
  ] as const)('%s: an effort of %s is adaptive thinking with %s', async (model, word, sent, notes) => {
    const outcome = await ask(chat(model, effort(word)))
    expect(outcome.received).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: sent },
    })
    expect(outcome.notes).toEqual([...notes])
  })

  test('no effort switches thinking off where that is possible, and is the lowest where it is not', async () => {
    const off = await ask(chat('claude-opus-4-6', effort('none')))
    expect(off.received).toMatchObject({ thinking: { type: 'disabled' } })
    expect(off.received).not.toContainKey('output_config')
    const always = await ask(chat('claude-sonnet-5-5', effort('none')))
    expect(always.received).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low' },
    })
    expect(always.notes).toEqual(['approximated reasoning_effort'])
    const budget = await ask(chat('claude-sonnet-4-5', effort('none')))
    expect(budget.received).toMatchObject({ thinking: { type: 'disabled' } })
  })

  test.each([
    [1024, 'low'],
    [4000, 'medium'],
    [20_000, 'high'],
  ])('a budget of %d is the effort %s where the model takes efforts', async (budget_tokens, word) => {
    const request = { ...hello, max_tokens: 21_000, thinking: { type: 'enabled', budget_tokens } }
    const outcome = await ask({ caller: 'anthropic-messages', target: gpt('gpt-5.1'), request, parts })
    expect(outcome.received).toMatchObject({ reasoning: { effort: word } })
    expect(outcome.notes).toEqual(['approximated thinking.budget_tokens'])
  })

  test('an effort a model does not know is the nearest it does', async () => {
    const responses = (word: string): Question => ({
      caller: 'anthropic-messages',
      target: gpt('o3'),
      request: { ...hello, max_tokens: 64, output_config: { effort: word } },
      parts,
    })
    expect((await ask(responses('max'))).received).toMatchObject({ reasoning: { effort: 'high' } })
    expect((await ask(responses('low'))).received).toMatchObject({ reasoning: { effort: 'low' } })
  })

  test('thinking with a budget leaves no temperature, no forced tool, and a limit above it', async () => {
    const request = { ...effort('high'), temperature: 0.2, max_completion_tokens: 500 }
    const outcome = await ask(chat('claude-sonnet-4-5', request))
    expect(outcome.received).toMatchObject({ thinking: { budget_tokens: 16_384 }, max_tokens: 16_884 })
    expect(outcome.received).not.toContainKey('temperature')
    expect(outcome.notes).toContain('dropped temperature')
  })

  test('a tool loop whose thought cannot be sent back goes on without thinking (card trap 13)', async () => {
    const request = {
      ...effort('medium'),
      messages: [
        user('Go.'),
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'Hm.',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'a', content: 'done' },
      ],
      tools: [{ type: 'function', function: { name: 'f' } }],
    }
    const outcome = await ask(chat('claude-sonnet-4-5', request))
    // The oracle of the driver would refuse it otherwise.
    expect(outcome.received).not.toContainKey('thinking')
    expect(outcome.notes).toContain('dropped reasoning_effort')
  })
})

describe('parameters a target does not have', () => {
  const target = claude('claude-sonnet-4-5')
  const biased = { ...hello, logit_bias: { '50256': -100 }, seed: 7, verbosity: 'low' }
  const chat = (more: Partial<Question>): Question => ({
    caller: 'openai-chat',
    target,
    request: biased,
    parts,
    ...more,
  })
  const refusal = (param: string) => ({ kind: 'error', status: 400, message: expect.stringContaining(param) })

  test.each(forms)(
    'by default hints are dropped with a note, and the rest is refused by name, %s',
    async form => {
      const refused = await ask(chat({ form }))
      expect(refused.received).toBeUndefined()
      expect(refused.understood).toMatchObject(refusal('logit_bias'))
      expect(JSON.parse(refused.body).error).toMatchObject({
        code: 'unsupported_parameter',
        param: 'logit_bias',
        type: 'invalid_request_error',
      })
      const dropped = await ask(chat({ form, request: { ...hello, seed: 7, verbosity: 'low' } }))
      expect(dropped.notes).toEqual(['dropped seed', 'dropped verbosity'])
      expect(heard(dropped).text).toBe('Hi.')
    },
  )

  test('dragoman-policy: drop goes on without it, and says so', async () => {
    const outcome = await ask(chat({ headers: { 'dragoman-policy': 'drop' } }))
    expect(outcome.received).not.toContainAnyKeys(['logit_bias', 'seed'])
    expect(outcome.notes.toSorted()).toEqual(['dropped logit_bias', 'dropped seed', 'dropped verbosity'])
  })

  test('dragoman-policy: reject refuses hints too, and emulations', async () => {
    const headers = { 'dragoman-policy': 'reject' }
    const hint = await ask(chat({ headers, request: { ...hello, seed: 7 } }))
    expect(hint.understood).toMatchObject(refusal('seed'))
    const emulated = await ask(
      chat({ headers, request: { ...hello, response_format: { type: 'json_object' } } }),
    )
    expect(emulated.understood).toMatchObject(refusal('response_format'))
    const plain = await ask(chat({ headers, request: hello }))
    expect(heard(plain).text).toBe('Hi.')
  })

  test('dragoman-policy: drop emulates nothing', async () => {
    const headers = { 'dragoman-policy': 'drop' }
    const json = await ask(chat({ headers, request: { ...hello, response_format: { type: 'json_object' } } }))
    expect(json.received).not.toContainAnyKeys(['tools', 'output_config'])
    expect(json.notes).toEqual(['dropped response_format'])
    const several = await ask(chat({ headers, request: { ...hello, n: 3 } }))
    expect(several.notes).toEqual(['dropped n'])
    expect(several.understood).toMatchObject({ candidates: [{ text: 'Hi.' }] })
  })

  test('the configuration says it per field, and a caller’s header does not overrule that', async () => {
    const config = { unsupported: { logit_bias: 'drop', seed: 'reject' } } as const
    const bias = await ask(chat({ config, request: { ...hello, logit_bias: { '1': 1 } } }))
    expect(bias.notes).toEqual(['dropped logit_bias'])
    const headers = { 'dragoman-policy': 'drop' }
    const seed = await ask(chat({ config, headers, request: { ...hello, seed: 7 } }))
    expect(seed.understood).toMatchObject(refusal('seed'))
    const strict = await ask(
      chat({ config: { unsupported: { default: 'reject' } }, request: { ...hello, seed: 7 } }),
    )
    expect(strict.understood).toMatchObject(refusal('seed'))
  })

  test('a route has policies of its own', async () => {
    const config = {
      models: {
        m: { targets: [{ provider: 'target', model: target.model }], unsupported: { logit_bias: 'drop' } },
      },
    } as const
    const outcome = await ask(chat({ config: { ...config, models: { ...config.models } } as never })) // readonly data
    expect(outcome.notes).toContain('dropped logit_bias')
  })

  test('what a model of the family does not take is dropped by its profile, with the evidence', async () => {
    const request = { ...hello, max_tokens: 64, temperature: 0.3, top_p: 0.9 }
    const outcome = await ask({ caller: 'anthropic-messages', target: gpt('gpt-5.1'), request, parts })
    expect(outcome.received).not.toContainAnyKeys(['temperature', 'top_p'])
    expect(outcome.notes).toEqual(['dropped temperature', 'dropped top_p'])
    const other = await ask({ caller: 'anthropic-messages', target: gpt('gpt-4.1'), request, parts })
    expect(other.received).toMatchObject({ temperature: 0.3, top_p: 0.9 })
    expect(other.notes).toEqual([])
  })

  test.each(['claude-sonnet-4-5', 'claude-opus-4-1', 'claude-opus-4-6'])(
    '%s takes a temperature or top_p, not both (card trap 4)',
    async model => {
      const both = await ask(
        chat({ target: claude(model), request: { ...hello, temperature: 0.3, top_p: 0.9 } }),
      )
      expect(both.received).toMatchObject({ temperature: 0.3 })
      expect(both.received).not.toContainKey('top_p')
      expect(both.notes).toEqual(['dropped top_p'])
      const one = await ask(chat({ target: claude(model), request: { ...hello, top_p: 0.9 } }))
      expect(one.received).toMatchObject({ top_p: 0.9 })
      expect(one.notes).toEqual([])
    },
  )

  test('a value that says nothing is no loss', async () => {
    const request = {
      ...hello,
      n: 1,
      logprobs: false,
      frequency_penalty: 0,
      presence_penalty: 0,
      logit_bias: {},
      stop: null,
    }
    const outcome = await ask(chat({ request }))
    expect(outcome.notes).toEqual([])
  })

  test('images where the target has no eyes are refused by their place', async () => {
    const image = { type: 'image_url', image_url: { url: 'https://pictures.example/a.png' } }
    const request = { messages: [{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, image] }] }
    const outcome = await ask(
      chat({ target: host('ollama'), request, headers: { 'dragoman-mode': 'translate' } }),
    )
    expect(outcome.understood).toMatchObject(refusal('messages[0].content[1]'))
  })
})

describe('a billing line in the system prompt (ruling 11)', () => {
  const line = 'x-anthropic-billing-header: cc_version=2.1; cch=0a1b2;'
  const request = {
    max_tokens: 64,
    system: [
      { type: 'text', text: line },
      { type: 'text', text: 'You are an agent.', cache_control: { type: 'ephemeral' } },
    ],
    messages: [user('Hi')],
  }

  test.each(forms)('does not reach a foreign target, whose prefix cache it would defeat, %s', async form => {
    const outcome = await ask({
      caller: 'anthropic-messages',
      target: host('llamacpp'),
      request,
      form,
      parts,
    })
    expect(JSON.stringify(outcome.received)).not.toContain('billing')
    expect(JSON.stringify(outcome.received)).toContain('You are an agent.')
    expect(outcome.notes).toContain('dropped system')
    expect(heard(outcome).text).toBe('Hi.')
  })

  test('is the first line of a text, too', async () => {
    const joined = { ...request, system: `${line}\nYou are an agent.` }
    const outcome = await ask({
      caller: 'anthropic-messages',
      target: host('llamacpp'),
      request: joined,
      parts,
    })
    expect(JSON.stringify(outcome.received)).toContain('"You are an agent."')
  })

  test('stays for the provider it is meant for', async () => {
    const outcome = await ask({
      caller: 'anthropic-messages',
      target: claude('claude-sonnet-4-5'),
      request,
      parts,
    })
    expect(JSON.stringify(outcome.received)).toContain(line)
    expect(outcome.notes).toEqual([])
  })
})
