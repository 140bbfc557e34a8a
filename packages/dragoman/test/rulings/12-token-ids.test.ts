import { describe, expect, test } from 'bun:test'
import { complaintOf, createScene, provider, send } from '../support/scene.ts'

// Ruling 12: embeddings whose input is token ids, for targets that take only text.

const scene = createScene()
const path = '/v1/embeddings'
/** "hello world" by cl100k_base, and by o200k_base. */
const cl100k = [15339, 1917]
const o200k = [24912, 2375]

const vectors = (count: number) => ({
  object: 'list',
  data: Array.from({ length: count }, (_, index) => ({ object: 'embedding', index, embedding: [0.5, -1] })),
  model: 'm',
  usage: { prompt_tokens: 2, total_tokens: 2 },
})

/** A gateway in front of a target of this kind, reached by the names `m` (with a tokenizer, if any) and `a/m`. */
function embedding(kind: 'modest' | 'compatible' | 'chat', tokenizer?: 'cl100k_base' | 'o200k_base') {
  const upstream = scene.upstream(() => ({ json }) => {
    const { input } = json
    const isMany = Array.isArray(input) && typeof input[0] !== 'number'
    return Response.json(vectors(isMany ? (input as unknown[]).length : 1)) // a list, as was just seen
  })
  const { url } = scene.gateway({
    providers: { a: provider(kind, upstream.url) },
    models: {
      m: { targets: [{ provider: 'a', model: 'm', ...(tokenizer === undefined ? {} : { tokenizer }) }] },
    },
    retry: { attempts: 0 },
  })
  const ask = (input: unknown, model = 'm') => send(url, path, JSON.stringify({ model, input }))
  return { ask, upstream }
}

describe('ruling 12', () => {
  test.each([
    ['cl100k_base', cl100k],
    ['o200k_base', o200k],
  ] as const)(
    'with %s named, the ids become the text they stand for, with a note',
    async (tokenizer, ids) => {
      const { ask, upstream } = embedding('modest', tokenizer)
      const one = await ask(ids)
      expect([one.status, upstream.seen[0]?.json.input]).toEqual([200, 'hello world'])
      expect(one.headers.get('dragoman-notes')).toMatch(new RegExp(`emulated;path="input".*${tokenizer}`))
      const many = await ask([ids, ids])
      expect(upstream.seen[1]?.json.input).toEqual(['hello world', 'hello world'])
      expect((await many.json()).data.length).toBe(2)
    },
  )

  test.each(['modest', 'compatible'] as const)('without one, they are refused aloud (%s)', async kind => {
    const { ask, upstream } = embedding(kind)
    for (const model of ['m', 'a/m']) {
      for (const input of [cl100k, [cl100k, cl100k]]) {
        const response = await ask(input, model)
        const { param, message } = complaintOf(path, await response.text())
        expect([response.status, param]).toEqual([400, 'input'])
        expect(message).toContain('tokenizer')
      }
    }
    expect(upstream.seen.length).toBe(0)
  })

  test('ids that the tokenizer does not have are refused, not guessed', async () => {
    const { ask, upstream } = embedding('modest', 'cl100k_base')
    const response = await ask([9_999_999])
    expect([response.status, complaintOf(path, await response.text()).param]).toEqual([400, 'input'])
    expect(upstream.seen.length).toBe(0)
  })

  test('text is not touched, and a target that takes ids gets them', async () => {
    const modest = embedding('modest', 'cl100k_base')
    const text = await modest.ask(['hello', 'world'])
    expect([text.status, text.headers.get('dragoman-notes')]).toEqual([200, null])
    const native = embedding('chat')
    const ids = await native.ask([cl100k, cl100k])
    expect([ids.status, native.upstream.seen[0]?.json.input]).toEqual([200, [cl100k, cl100k]])
  })
})
