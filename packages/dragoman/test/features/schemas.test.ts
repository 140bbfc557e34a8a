import { expect, test } from 'bun:test'
import { converse } from '../support/converse.ts'
import { ask, complaintOf, createScene, front, type Path } from '../support/scene.ts'
import { messages } from '../support/wire.ts'

// Complaints about other gateways (features C25, C26), each through this one on real sockets. C24, every field by every
// provider, is the table of translations (test/translation).

const scene = createScene()

const gemini = (text: string) => ({
  candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
})

/** A gateway in front of an upstream that answers this, and what the upstream was asked. */
function answering(kind: 'gemini' | 'messages', whole: object) {
  const upstream = scene.upstream(() => () => Response.json(whole))
  const { url } = front(scene, kind, upstream.url)
  return { url, asked: () => JSON.parse(upstream.seen.at(-1)?.body ?? 'null') }
}

/** The schema that the complaints are about, with more of the keywords that they name. */
const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    amount: { type: 'integer', exclusiveMinimum: 0 },
    currency: { const: 'EUR' },
    place: { $ref: '#/definitions/place' },
  },
  required: ['amount', 'currency'],
  additionalProperties: false,
  definitions: { place: { type: ['string', 'null'], pattern: '^[A-Z]' } },
}

test('features C25: keywords that Gemini refuses say the same in others, and the rest is told', async () => {
  const { url, asked } = answering('gemini', gemini('{"amount":7,"currency":"EUR"}'))
  const tools = [{ type: 'function', function: { name: 'pay', parameters: schema } }]
  const format = { type: 'json_schema', json_schema: { name: 'payment', schema } }
  for (const fields of [{ tools }, { response_format: format }]) {
    const response = await ask(url, '/v1/chat/completions', { ...fields, model: 'a/gemini-3.1-pro-preview' })
    expect(response.status).toBe(200)
    const sent = asked()
    const made =
      'tools' in fields
        ? sent.tools[0].functionDeclarations[0].parametersJsonSchema
        : sent.generationConfig.responseJsonSchema
    expect(made).toMatchObject({
      properties: {
        amount: { type: 'integer', minimum: 1 },
        currency: { type: 'string', enum: ['EUR'] },
        place: { $ref: '#/$defs/place' },
      },
      additionalProperties: false,
      $defs: { place: { type: ['string', 'null'], description: 'Must hold: pattern "^[A-Z]".' } },
    })
    expect(JSON.stringify(made)).not.toMatch(/\$schema|exclusiveMinimum|"const"|"definitions"|"pattern"/)
    const where = 'tools' in fields ? 'tools[0].function.parameters' : 'response_format.json_schema.schema'
    expect(response.headers.get('dragoman-notes')).toContain(`${where}#/definitions/place/pattern`)
  }
})

test('features C25: what would mean something else is a 400 that names the keyword and its place', async () => {
  const { url, asked } = answering('gemini', gemini('{}'))
  const outside = { type: 'object', properties: { a: { $ref: 'https://a.example/schema' } } }
  const tools = [{ type: 'function', function: { name: 'pay', parameters: outside } }]
  const response = await ask(url, '/v1/chat/completions', { tools, model: 'a/gemini-3.1-pro-preview' })
  expect(response.status).toBe(400)
  const complaint = complaintOf('/v1/chat/completions', await response.text())
  expect(complaint.param).toBe('tools[0].function.parameters#/properties/a/$ref')
  expect(complaint.message).toContain('$ref')
  expect(asked()).toBeNull()
})

const output: { readonly [P in Path]: object } = {
  '/v1/chat/completions': {
    response_format: { type: 'json_schema', json_schema: { name: 'n', strict: true, schema } },
  },
  '/v1/responses': { text: { format: { type: 'json_schema', name: 'n', strict: true, schema } } },
  '/v1/messages': { output_config: { format: { type: 'json_schema', schema } } },
}

test.each(['/v1/chat/completions', '/v1/responses'] as const)(
  'features C26: %s keeps its schema on the way to Messages, and prose is an error',
  async path => {
    const good = answering('messages', messages.whole('{"amount":7,"currency":"EUR"}'))
    const fields = { ...output[path], model: 'a/claude-sonnet-4-5' }
    const response = await ask(good.url, path, fields)
    expect(await response.text()).toContain('amount')
    expect(response.status).toBe(200)
    expect(good.asked().output_config.format).toMatchObject({
      type: 'json_schema',
      schema: { properties: { amount: { type: 'integer' } }, additionalProperties: false },
    })
    for (const said of ['Seven euros.', '{"amount":0,"currency":"EUR"}', '{"amount":7}']) {
      const bad = answering('messages', messages.whole(said))
      const failed = await ask(bad.url, path, fields)
      expect(failed.status).toBe(502)
      expect(complaintOf(path, await failed.text()).message).toContain('does not fulfil the schema')
    }
  },
)

test('features C26: a model without structured outputs answers by a tool, and is checked all the same', async () => {
  const call = (input: object) => ({
    ...messages.whole(''),
    content: [{ type: 'tool_use', id: 'toolu_1', name: 'json_answer', input }],
    stop_reason: 'tool_use',
  })
  const fields = { ...output['/v1/chat/completions'], model: 'a/claude-3-haiku-20240307' }
  const good = answering('messages', call({ amount: 7, currency: 'EUR' }))
  const response = await ask(good.url, '/v1/chat/completions', fields)
  expect(good.asked().tool_choice).toEqual({ type: 'tool', name: 'json_answer' })
  const [choice] = JSON.parse(await response.text()).choices
  expect(JSON.parse(choice.message.content)).toEqual({ amount: 7, currency: 'EUR' })
  expect(choice.finish_reason).toBe('stop')
  const bad = answering('messages', call({ amount: -7, currency: 'EUR' }))
  expect((await ask(bad.url, '/v1/chat/completions', fields)).status).toBe(502)
})

test.each(['amazon.nova-pro-v1:0', 'anthropic.claude-sonnet-4-5-20250929-v1:0'])(
  'features C26: %s on Bedrock answers by the schema, or it is an error',
  async model => {
    for (const [input, status] of [
      [{ amount: 7, currency: 'EUR' }, 200],
      [{ amount: -7, currency: 'EUR' }, 502],
      [undefined, 502],
    ] as const) {
      const upstream = scene.upstream(() => ({ json }) => {
        if (input === undefined) return Response.json(converse.whole('Seven euros.'))
        if (json.toolConfig === undefined) return Response.json(converse.whole(JSON.stringify(input)))
        const toolUse = { toolUseId: 'tooluse_1', name: 'json_answer', input }
        const message = { role: 'assistant', content: [{ toolUse }] }
        return Response.json({ ...converse.whole(''), output: { message }, stopReason: 'tool_use' })
      })
      const { url } = scene.gateway({
        providers: { a: { kind: 'bedrock', base_url: upstream.url, region: 'eu-west-1', api_key: 'k' } },
        retry: { attempts: 0 },
      })
      const response = await ask(url, '/v1/chat/completions', {
        ...output['/v1/chat/completions'],
        model: `a/${model}`,
      })
      const body = await response.json()
      expect([input, response.status]).toEqual([input, status])
      // The schema went along, and its answer is text.
      expect(upstream.seen[0]?.body).toContain('exclusiveMinimum')
      if (status === 200) expect(JSON.parse(body.choices[0].message.content)).toEqual(input)
    }
  },
)
