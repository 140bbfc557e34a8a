// The library in process, on Node (run by `node --test`, DRAGOMAN_LIBRARY naming what build.ts built) and on Bun (run by
// library.test.ts): the official SDKs talk to a gateway that opens no socket.
import assert from 'node:assert/strict'
import net from 'node:net'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'

const { createGateway } = await import(pathToFileURL(process.env.DRAGOMAN_LIBRARY).href)

const opened = []
const realConnect = net.Socket.prototype.connect
const realFetch = globalThis.fetch
const exactly = text => [{ role: 'user', content: `Reply with exactly "${text}"` }]

let gateway
let openai
let anthropic

before(() => {
  net.Socket.prototype.connect = function connect(...args) {
    opened.push(args)
    return realConnect.apply(this, args)
  }
  globalThis.fetch = (...args) => {
    opened.push(args)
    return realFetch(...args)
  }
  gateway = createGateway({ retry: { attempts: 0 } })
  openai = new OpenAI({ fetch: gateway.fetch, baseURL: 'http://dragoman/v1', apiKey: 'none', maxRetries: 0 })
  anthropic = new Anthropic({
    fetch: gateway.fetch,
    baseURL: 'http://dragoman',
    apiKey: 'none',
    maxRetries: 0,
  })
})

after(async () => {
  await gateway.close()
  net.Socket.prototype.connect = realConnect
  globalThis.fetch = realFetch
})

test('chat answers', async () => {
  const { data, response } = await openai.chat.completions
    .create({ model: 'sandbox', messages: exactly('ok') })
    .withResponse()
  assert.equal(data.choices[0].message.content, 'ok')
  assert.equal(response.headers.get('dragoman-target'), 'sandbox/sandbox')
})

test('chat streams', async () => {
  const stream = openai.chat.completions.stream({ model: 'sandbox', messages: exactly('one two three') })
  assert.equal(await stream.finalContent(), 'one two three')
})

test('responses answer and stream', async () => {
  const request = { model: 'sandbox', input: 'Reply with exactly "one two three"' }
  assert.equal((await openai.responses.create(request)).output_text, 'one two three')
  assert.equal((await openai.responses.stream(request).finalResponse()).output_text, 'one two three')
})

test('messages answer and stream', async () => {
  const request = { model: 'sandbox', max_tokens: 100, messages: exactly('one two three') }
  assert.equal((await anthropic.messages.create(request)).content[0].text, 'one two three')
  assert.equal((await anthropic.messages.stream(request).finalMessage()).content[0].text, 'one two three')
})

test('embeddings', async () => {
  const { data } = await openai.embeddings.create({ model: 'sandbox-embedding', input: 'one' })
  assert.equal(data[0].embedding.length, 1536)
})

test('errors are the SDK’s classes', async () => {
  await assert.rejects(openai.models.retrieve('nobody'), OpenAI.NotFoundError)
  await assert.rejects(
    openai.chat.completions.create({ model: 'sandbox/500', messages: exactly('ok') }),
    OpenAI.InternalServerError,
  )
})

test('an abort in the middle of a stream ends the call', async () => {
  const stream = await openai.chat.completions.create({
    model: 'sandbox/long-20000',
    messages: exactly('ok'),
    stream: true,
  })
  for await (const _ of stream) break
  assert.equal((await openai.models.list()).data.length > 0, true)
})

test('none of it opened a socket', () => {
  assert.deepEqual(opened, [])
})
