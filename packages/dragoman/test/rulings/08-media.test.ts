import { describe, expect, test } from 'bun:test'
import { readWire, type WireDialect } from '@dragoman/fixtures'
import type { ConfigInput } from '../../src/config/schema.ts'
import type { GatewayPorts } from '../../src/gateway.ts'
import { createGateway } from '../../src/gateway.ts'
import { createMediaFetch } from '../../src/server/media-fetch.ts'
import { createScene, send } from '../support/scene.ts'
import type { Answering, SeenRequest, Step } from '../support/upstream.ts'

// Ruling 8: media by address are passed on; for targets that need bytes they are fetched by one dialer. A file's id is a pin.

const scene = createScene()

const png = Uint8Array.fromBase64(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==',
)
const data = png.toBase64()
const pdf = '%PDF-1.7 and so on'

/** What each provider is, how its upstream answers, and where the picture stands in what it gets. */
const targets = {
  gemini: { kind: 'google', root: '/v1beta', model: 'gemini-2.5-flash', wire: 'gemini' },
  bedrock: {
    kind: 'bedrock',
    root: '',
    model: 'amazon.nova-pro-v1:0',
    wire: 'bedrock-converse',
  },
  modest: { kind: 'ollama', root: '/v1', model: 'gemma3', wire: 'openai-chat' },
  engine: { kind: 'llamacpp', root: '/v1', model: 'gemma-3', wire: 'openai-chat' },
  vision: { kind: 'cohere', root: '', model: 'command-a-vision-07-2025', wire: 'cohere' },
  messages: { kind: 'anthropic', root: '', model: 'claude-sonnet-4-5', wire: 'anthropic-messages' },
  compatible: { kind: 'openai-compatible', root: '/v1', model: 'm', wire: 'openai-chat' },
} as const satisfies Record<string, { kind: string; root: string; model: string; wire: WireDialect }>

type TargetName = keyof typeof targets

/** The form in which a picture arrives. */
const arrived: { readonly [T in TargetName]?: unknown } = {
  gemini: { inlineData: { mimeType: 'image/png', data } },
  bedrock: { image: { format: 'png', source: { bytes: data } } },
  modest: { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
}

const callers = {
  chat: {
    path: '/v1/chat/completions',
    place: 'messages[0].content[1]',
    body: (url: string) => ({
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What?' },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ],
    }),
  },
  responses: {
    path: '/v1/responses',
    place: 'input[0].content[1]',
    body: (url: string) => ({
      model: 'm',
      store: false,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What?' },
            { type: 'input_image', image_url: url },
          ],
        },
      ],
    }),
  },
  messages: {
    path: '/v1/messages',
    place: 'messages[0].content[1]',
    body: (url: string) => ({
      model: 'm',
      max_tokens: 50,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What?' },
            { type: 'image', source: { type: 'url', url } },
          ],
        },
      ],
    }),
  },
  gemini: {
    path: '/v1beta/models/m:generateContent',
    place: 'contents[0].parts[1]',
    body: (fileUri: string) => ({
      contents: [
        { role: 'user', parts: [{ text: 'What?' }, { fileData: { mimeType: 'image/png', fileUri } }] },
      ],
    }),
  },
} as const

type CallerName = keyof typeof callers

/** Everything that a body holds, at any depth. */
function* pieces(value: unknown): Generator<unknown> {
  yield value
  if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) yield* pieces(one)
}

const holds = (seen: SeenRequest | undefined, piece: unknown): boolean =>
  [...pieces(seen?.json)].some(one => Bun.deepEquals(one, piece))

type Streaming = (steps: readonly Step[]) => Response

const homely = { allow_http: true, allow_private: true } as const

/** A host of pictures, and a gateway that may ask it, in front of these targets. */
function stage(
  names: readonly TargetName[],
  options: {
    readonly media?: ConfigInput['media']
    readonly picture?: (request: SeenRequest, stream: Streaming) => Response | Promise<Response>
    readonly answer?: Answering
    readonly ports?: GatewayPorts
  } = {},
) {
  const picture = options.picture ?? (() => new Response(png, { headers: { 'content-type': 'image/png' } }))
  const pictures = scene.upstream(stream => request => picture(request, stream))
  const upstreams = names.map(name =>
    scene.upstream(
      () =>
        options.answer ??
        (() =>
          new Response(readWire(targets[name].wire, 'image.answer.json'), {
            headers: { 'content-type': 'application/json' },
          })),
    ),
  )
  const providers = names.map((name, index) => [
    name,
    {
      kind: targets[name].kind,
      base_url: `${upstreams[index]?.url}${targets[name].root}`,
      api_key: 'provider-secret',
    },
  ])
  const { url, gateway } = scene.gateway(
    {
      providers: Object.fromEntries(providers),
      models: { m: { targets: names.map(name => ({ provider: name, model: targets[name].model })) } },
      retry: { attempts: 0 },
      media: options.media ?? homely,
    },
    { media: createMediaFetch(), ...options.ports },
  )
  const ask = (caller: CallerName, address: string, headers = {}, signal?: AbortSignal) => {
    const { path, body } = callers[caller]
    return send(
      url,
      path,
      JSON.stringify(body(address)),
      { authorization: 'Bearer caller-secret', ...headers },
      signal,
    )
  }
  return { url, gateway, pictures, upstreams, ask, address: `${pictures.url}/cat.png?signed=token` }
}

const names = Object.keys(callers) as readonly CallerName[] // the keys of the table are the type

describe('for a target that takes only bytes', () => {
  for (const caller of names)
    for (const target of ['gemini', 'bedrock', 'modest'] as const) {
      if (caller === 'gemini' && target === 'gemini') continue
      test(`${caller} to ${target}: fetched, with a note, and without credentials`, async () => {
        const { ask, upstreams, pictures, address } = stage([target])
        const response = await ask(caller, address)
        expect(response.status).toBe(200)
        expect(holds(upstreams[0]?.seen[0], arrived[target])).toBe(true)
        const note = `emulated;path="${callers[caller].place}"`
        expect(response.headers.get('dragoman-notes')).toContain(note)
        expect(pictures.seen.length).toBe(1)
        const said = JSON.stringify([...(pictures.seen[0]?.headers ?? [])])
        expect(said).not.toMatch(/secret|cookie|authorization|dragoman-hops/)
      })
    }

  test('several targets and answers of one call: fetched once', async () => {
    let calls = 0
    const { ask, pictures, upstreams, address } = stage(['gemini', 'bedrock'], {
      answer: ({ path }) => {
        calls++
        if (path.includes('gemini')) return new Response('{}', { status: 503 })
        return new Response(readWire('bedrock-converse', 'image.answer.json'))
      },
    })
    expect((await ask('chat', address)).status).toBe(200)
    expect([calls, upstreams[1]?.seen.length, pictures.seen.length]).toEqual([2, 1, 1])
    expect(holds(upstreams[1]?.seen[0], arrived.bedrock)).toBe(true)
  })

  test('a picture shown twice and asked about three times: fetched once', async () => {
    const { url, pictures, upstreams, address } = stage(['bedrock'])
    const image = { type: 'image_url', image_url: { url: address } }
    const messages = [{ role: 'user', content: [image, image] }]
    const response = await send(url, '/v1/chat/completions', JSON.stringify({ model: 'm', n: 3, messages }))
    expect(response.status).toBe(200)
    expect([upstreams[0]?.seen.length, pictures.seen.length]).toEqual([3, 1])
  })

  test('another call fetches again, though it ends by the same signal', async () => {
    const { gateway, pictures, address } = stage(['bedrock'])
    const { signal } = new AbortController()
    for (const count of [1, 2]) {
      const body = JSON.stringify(callers.chat.body(address))
      const answer = await gateway.fetch('http://g/v1/chat/completions', { method: 'POST', body, signal })
      expect([answer.status, pictures.seen.length]).toEqual([200, count])
    }
  })

  test('a data URL that is no base64 is bytes already, with or without fetching', async () => {
    for (const media of [homely, { fetch: false }]) {
      const { ask, upstreams, pictures } = stage(['bedrock'], { media })
      const encoded = [...png].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')
      expect((await ask('chat', `data:image/png,${encoded}`)).status).toBe(200)
      expect((await ask('chat', `data:;base64,${data}`)).status).toBe(200)
      for (const seen of upstreams[0]?.seen ?? []) expect(holds(seen, arrived.bedrock)).toBe(true)
      expect([upstreams[0]?.seen.length, pictures.seen]).toEqual([2, []])
    }
  })

  test('documents, by what they are', async () => {
    const { url, upstreams, pictures } = stage(['gemini'], {
      picture: ({ path }) =>
        path.endsWith('.pdf')
          ? new Response(pdf, { headers: { 'content-type': 'text/plain' } })
          : new Response('# Tides', { headers: { 'content-type': 'text/markdown; charset=utf-8' } }),
    })
    const content = ['a.pdf', 'b.md'].map(name => ({
      type: 'input_file',
      file_url: `${pictures.url}/${name}`,
    }))
    const response = await send(
      url,
      '/v1/responses',
      JSON.stringify({ model: 'm', store: false, input: [{ role: 'user', content }] }),
    )
    expect(response.status).toBe(200)
    const [seen] = upstreams[0]?.seen ?? []
    expect(holds(seen, { inlineData: { mimeType: 'application/pdf', data: btoa(pdf) } })).toBe(true)
    expect(holds(seen, { inlineData: { mimeType: 'text/markdown', data: btoa('# Tides') } })).toBe(true)
  })

  test('what a tool shows', async () => {
    const { url, upstreams, address } = stage(['bedrock'])
    const input = [
      { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{}' },
      {
        type: 'function_call_output',
        call_id: 'call_1',
        output: [{ type: 'input_image', image_url: address }],
      },
    ]
    const tools = [{ type: 'function', name: 'look', parameters: { type: 'object' } }]
    const response = await send(
      url,
      '/v1/responses',
      JSON.stringify({ model: 'm', store: false, input, tools }),
    )
    expect(response.status).toBe(200)
    expect(response.headers.get('dragoman-notes')).toContain('emulated;path="input[1].output[0]"')
    expect(holds(upstreams[0]?.seen[0], arrived.bedrock)).toBe(true)
  })

  test('what is counted is what would be sent', async () => {
    const { url, upstreams, address } = stage(['gemini'], {
      answer: () => Response.json({ totalTokens: 264 }),
    })
    const { max_tokens: _, ...body } = callers.messages.body(address)
    const response = await send(url, '/v1/messages/count_tokens', JSON.stringify(body))
    expect(await response.json()).toMatchObject({ input_tokens: 264 })
    expect(holds(upstreams[0]?.seen[0], arrived.gemini)).toBe(true)
  })

  test('so much at a time, each no larger than what is left for the call', async () => {
    const asked: number[] = []
    const { url } = stage(['bedrock'], {
      media: { max_size: '1kb', max_total: '2kb' },
      ports: {
        media: (_, { maxSize }) => {
          asked.push(maxSize)
          return Promise.resolve({
            ok: true,
            bytes: Uint8Array.from([...png, ...new Uint8Array(300 - png.length)]),
            contentType: undefined,
          })
        },
      },
    })
    const images = [1, 2, 3, 4, 5, 6].map(name => ({
      type: 'image_url',
      image_url: { url: `https://a.example/${name}` },
    }))
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: images }] })
    expect((await send(url, '/v1/chat/completions', body)).status).toBe(200)
    expect(asked.slice(0, 4)).toEqual([1024, 1024, 1024, 1024])
    expect(asked[5]).toBeLessThanOrEqual(2048 - 4 * 300)
  })

  test('audio, for a wire that has no address for it', async () => {
    const { url, upstreams, pictures } = stage(['compatible'], {
      picture: () => new Response('ID3 and so on'),
    })
    const parts = [{ fileData: { mimeType: 'audio/mp3', fileUri: `${pictures.url}/a` } }]
    const body = JSON.stringify({ contents: [{ role: 'user', parts }] })
    expect((await send(url, callers.gemini.path, body)).status).toBe(200)
    const heard = { data: btoa('ID3 and so on'), format: 'mp3' }
    expect(holds(upstreams[0]?.seen[0], heard)).toBe(true)
  })
})

describe('a target that takes addresses gets them as they are', () => {
  test.each([
    ['chat', 'engine'],
    ['messages', 'engine'],
    ['chat', 'vision'],
    ['chat', 'messages'],
    ['responses', 'compatible'],
    ['gemini', 'messages'],
  ] as const)('%s to %s', async (caller, target) => {
    const { ask, upstreams, pictures, address } = stage([target])
    const response = await ask(caller, address)
    expect(response.status).toBe(200)
    expect([...pieces(upstreams[0]?.seen[0]?.json)]).toContain(address)
    expect(pictures.seen).toEqual([])
    expect(response.headers.get('dragoman-notes') ?? '').not.toContain('fetched')
  })
})

/** What a refusal says, in whichever dialect. */
async function refusal(response: Response) {
  const text = await response.text()
  expect(text).not.toMatch(/127\.0\.0\.1|ECONN|at [A-Z]\w+\./)
  return { status: response.status, text }
}

describe('what cannot be fetched is a 400 that names the part and says why', () => {
  for (const caller of ['chat', 'responses', 'messages'] as const)
    test(`to ${caller}`, async () => {
      const { ask, upstreams, address } = stage(['gemini'], {
        picture: () => new Response('no', { status: 404 }),
      })
      const { status, text } = await refusal(await ask(caller, address))
      expect(status).toBe(400)
      expect(text).toContain(`${callers[caller].place}: Google Gemini takes this only as bytes`)
      expect(text).toContain('its host answered with status 404.')
      if (caller !== 'messages')
        expect(JSON.parse(text).error).toMatchObject({
          param: callers[caller].place,
          code: 'invalid_image_url',
          type: 'invalid_request_error',
        })
      expect(upstreams[0]?.seen).toEqual([])
    })

  test('to gemini', async () => {
    const { ask, address } = stage(['bedrock'], { picture: () => new Response('<html>') })
    const { status, text } = await refusal(await ask('gemini', address))
    expect([status, JSON.parse(text).error.status]).toEqual([400, 'INVALID_ARGUMENT'])
    expect(text).toContain('contents[0].parts[1]: Amazon Bedrock takes this only as bytes')
    expect(text).toContain('it is no picture')
  })

  test.each([
    [
      'is no picture, whatever it is called',
      () => new Response('<svg/>', { headers: { 'content-type': 'image/png' } }),
      'it is no picture',
    ],
    ['is too large', () => new Response(new Uint8Array(5000)), 'larger than this gateway fetches'],
    ['never comes', () => new Promise<Response>(() => {}), 'its host took too long'],
    [
      'leads inside',
      () => new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } }),
      'no public address',
    ],
    ['leads nowhere', () => new Response(null, { status: 302 }), 'redirects'],
  ] as const)('one that %s', async (_, picture, sentence) => {
    const { ask, upstreams, address } = stage(['bedrock'], {
      picture,
      media: { ...homely, max_size: '2kb', timeout: '100ms' },
    })
    const { status, text } = await refusal(await ask('chat', address))
    expect([status, text]).toEqual([400, expect.stringContaining(sentence)])
    expect(upstreams[0]?.seen).toEqual([])
  })

  test('together larger than a call may be', async () => {
    const big = Uint8Array.from([...png, ...new Uint8Array(1500)])
    const { url, pictures } = stage(['bedrock'], {
      picture: () => new Response(big),
      media: { ...homely, max_size: '2kb', max_total: '2kb' },
    })
    const images = ['a', 'b'].map(name => ({
      type: 'image_url',
      image_url: { url: `${pictures.url}/${name}` },
    }))
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: images }] })
    const { status, text } = await refusal(await send(url, '/v1/chat/completions', body))
    expect([status, text]).toEqual([400, expect.stringContaining('larger than this gateway fetches')])
  })

  test('by default: plain HTTP, and private hosts', async () => {
    const { ask, pictures, address } = stage(['bedrock'], { media: {} })
    expect((await refusal(await ask('chat', address))).text).toContain('only https addresses are fetched')
    const secure = await refusal(await ask('chat', 'https://localhost/cat.png'))
    expect([secure.status, secure.text]).toEqual([
      400,
      expect.stringContaining('its host has no public address'),
    ])
    expect(pictures.seen).toEqual([])
  })

  test('where nothing is fetched: by configuration, without a port, and for whoever wants nothing changed', async () => {
    const off = stage(['bedrock'], { media: { ...homely, fetch: false } })
    const { pictures, ask, address } = stage(['bedrock'])
    const rejected = await ask('chat', address, { 'dragoman-policy': 'reject' })
    for (const response of [await off.ask('chat', off.address), rejected]) {
      const { status, text } = await refusal(response)
      expect([status, JSON.parse(text).error.code]).toEqual([400, 'unsupported_parameter'])
      expect(JSON.parse(text).error.param).toBe('messages[0].content[1]')
    }
    expect([pictures.seen, off.pictures.seen]).toEqual([[], []])
    expect(() => createGateway({ media: { fetch: true } })).toThrow(
      /a library call fetches nothing by itself/,
    )
  })
})

describe('a call that ends', () => {
  test('takes what it fetches with it', async () => {
    const left = new AbortController()
    const { ask, pictures, upstreams, address } = stage(['bedrock'], {
      picture: (_, stream) => {
        queueMicrotask(() => left.abort())
        return stream([png, new Promise(() => {})])
      },
    })
    const asking = ask('chat', address, {}, left.signal)
    expect(await asking.then(String, () => 'left')).toBe('left')
    await pictures.idle()
    expect([pictures.seen.length, upstreams[0]?.seen.length]).toEqual([1, 0])
  })

  test('because the gateway closes: in words, not in an exception', async () => {
    const asked = Promise.withResolvers<void>()
    const pictures = scene.upstream(() => () => {
      asked.resolve()
      return new Promise<Response>(() => {})
    })
    const { gateway, url } = scene.gateway(
      {
        providers: { a: { kind: 'bedrock', base_url: 'http://127.0.0.1:9', api_key: 'k' } },
        media: homely,
        retry: { attempts: 0 },
      },
      { media: createMediaFetch() },
    )
    const body = { ...callers.chat.body(`${pictures.url}/a.png`), model: 'a/amazon.nova-pro-v1:0' }
    const answer = send(url, '/v1/chat/completions', JSON.stringify(body))
    await asked.promise
    await gateway.close()
    const response = await answer
    expect([response.status, await response.json()]).toEqual([
      503,
      expect.objectContaining({ error: expect.objectContaining({ code: 'shutting_down' }) }),
    ])
  })
})

describe('a file’s id is a pin', () => {
  const uploaded = 'https://generativelanguage.googleapis.com/v1beta/files/abc-123'
  const own = [
    uploaded,
    'https://www.youtube.com/watch?v=9hE5-98ZeCg',
    'gs://bucket/cat.png',
    'https://a.example/cat.png',
  ]

  test.each(own)('%s of a Gemini caller goes to Gemini as it is', async fileUri => {
    const { ask, upstreams, pictures } = stage(['gemini'])
    const response = await ask('gemini', fileUri, { 'dragoman-mode': 'translate' })
    expect([response.status, response.headers.get('dragoman-mode')]).toEqual([200, 'translate'])
    expect(holds(upstreams[0]?.seen[0], { fileData: { mimeType: 'image/png', fileUri } })).toBe(true)
    expect(pictures.seen).toEqual([])
  })

  test.each([
    [uploaded, 'compatible'],
    [uploaded, 'messages'],
    [uploaded, 'bedrock'],
    ['gs://bucket/cat.png', 'compatible'],
    ['gs://bucket/cat.png', 'messages'],
    ['gs://bucket/cat.png', 'bedrock'],
  ] as const)('%s goes to no other wire (%s)', async (fileUri, target) => {
    const { ask, upstreams } = stage([target])
    const { status, text } = await refusal(await ask('gemini', fileUri))
    expect(status).toBe(400)
    expect(text).toMatch(
      /contents\[0\]\.parts\[1\]: (This file was uploaded to another|An address that begins with gs:)/,
    )
    expect(upstreams[0]?.seen).toEqual([])
  })

  test('nor does one of another maker', async () => {
    const { url, upstreams } = stage(['messages'])
    const content = [{ type: 'file', file: { file_id: 'file-abc' } }]
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] })
    const { status, text } = await refusal(await send(url, '/v1/chat/completions', body))
    expect([status, JSON.parse(text).error.param]).toEqual([400, 'messages[0].content[0]'])
    expect(text).toContain('uploaded to another provider')
    expect(upstreams[0]?.seen).toEqual([])
  })
})

describe('what is said of it beforehand', () => {
  test('explain shows the plan, and fetches nothing', async () => {
    const pictures = scene.upstream(() => () => new Response(png))
    const { gateway } = scene.gateway(
      { providers: { a: { kind: 'bedrock', base_url: 'http://127.0.0.1:9', api_key: 'k' } }, media: homely },
      { media: createMediaFetch() },
    )
    const body = { ...callers.chat.body(`${pictures.url}/a.png`), model: 'a/amazon.nova-pro-v1:0' }
    const request = new Request('http://g/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify(body),
    })
    const { ok, targets: planned } = await gateway.explain(request)
    expect(ok).toBe(true)
    expect(planned?.[0]?.notes).toContainEqual(
      expect.objectContaining({ kind: 'emulated', path: 'messages[0].content[1]' }),
    )
    expect(pictures.seen).toEqual([])
  })

  test.each([
    [{ fetch: false }, 'bedrock', 'refused'],
    [{}, 'bedrock', 'emulated'],
    [{}, 'gemini', 'emulated'],
    [{ fetch: false }, 'gemini', 'refused'],
    [{}, 'vision', 'native'],
    [{ fetch: false }, 'vision', 'native'],
  ] as const)('the capabilities, with %j: %s %s', async (media, target, level) => {
    const { url } = stage([target], { media })
    const response = await fetch(`${url}/v1/capabilities/m`)
    const { targets: described } = (await response.json()) as {
      targets: { features: Record<string, { level: string }> }[]
    }
    expect(described[0]?.features['input.image-url']?.level).toBe(level)
  })
})
