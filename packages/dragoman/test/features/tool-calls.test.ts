import { expect, test } from 'bun:test'
import { expectWhole, framesOf, textOf } from '../support/ends.ts'
import { ask, createScene, type Kind, paths, readUntil } from '../support/scene.ts'
import { gate, type Step } from '../support/upstream.ts'
import { chat, messages, responses } from '../support/wire.ts'
import { finishes, hear } from './callers.ts'
import { block, chunk, functionCall, piece } from './frames.ts'
import { frontOf } from './kind-gateway.ts'
import { chatWhole, messagesWhole, toolsOf } from './tools.ts'

// Complaints about other gateways (features C1 to C7), each through this one on real sockets, heard by official clients.

const scene = createScene()
const paris = { id: 'call_a', name: 'weather', args: { city: 'Paris' } }
const rome = { id: 'call_b', name: 'weather', args: { city: 'Rome' } }

/** A gateway in front of an upstream that streams these steps, or answers this whole. */
function speaking(kind: Kind, steps: readonly Step[], whole?: object) {
  const upstream = scene.upstream(
    stream =>
      ({ json }) =>
        json.stream === true || whole === undefined ? stream(steps) : Response.json(whole),
  )
  return { upstream, url: frontOf(scene, kind, upstream.url) }
}

/** Two calls whose arguments take turns, on each wire that can stream them. */
const interleaved: readonly (readonly [Kind, readonly string[]])[] = [
  [
    'compatible',
    [
      chat.role(),
      piece(0, 'call_a', 'weather', '{"ci'),
      piece(1, 'call_b', 'weather', '{"city'),
      piece(0, undefined, undefined, 'ty":"Pa'),
      piece(1, undefined, undefined, '":"Rome"}'),
      piece(0, undefined, undefined, 'ris"}'),
      chunk({}, 'tool_calls'),
      chat.done,
    ],
  ],
  [
    'responses',
    [
      responses.created,
      functionCall.open(0, 'call_a'),
      functionCall.open(1, 'call_b'),
      functionCall.args(0, '{"city":'),
      functionCall.args(1, '{"city":"Rome"}'),
      functionCall.args(0, '"Paris"}'),
      functionCall.close(1, 'call_b', '{"city":"Rome"}'),
      functionCall.close(0, 'call_a', '{"city":"Paris"}'),
      functionCall.completed([
        ['call_a', '{"city":"Paris"}'],
        ['call_b', '{"city":"Rome"}'],
      ]),
    ],
  ],
  [
    'messages',
    [
      messages.start,
      block.tool(0, 'call_a'),
      block.tool(1, 'call_b'),
      block.args(0, '{"city":'),
      block.args(1, '{"city":"Rome"}'),
      block.args(0, '"Paris"}'),
      block.stop(0),
      block.stop(1),
      block.finish('tool_use'),
      messages.stop,
    ],
  ],
]

/** The pieces of calls that a chat caller got. */
const piecesOf = (
  text: string,
): { index: number; id?: string; function?: { name?: string; arguments?: string } }[] =>
  framesOf(text).flatMap(({ data }) =>
    data === '[DONE]' ? [] : (JSON.parse(data).choices?.[0]?.delta.tool_calls ?? []),
  )

for (const [kind, steps] of interleaved) {
  test.each(paths)(
    `features C1: parallel calls that interleave reassemble exactly, from ${kind} to %s`,
    async path => {
      const { url } = speaking(kind, steps)
      const { calls, finish } = await hear[path](url, true)
      expect(calls.toSorted((one, other) => one.id.localeCompare(other.id))).toEqual([paris, rome])
      expect(finish).toBe(finishes[path].calls)
    },
  )

  test(`features C1: each call has its own index; id and name come once, from ${kind}`, async () => {
    if (kind === 'messages') return
    const { url } = speaking(kind, steps)
    const pieces = piecesOf(
      await (
        await ask(url, '/v1/chat/completions', { stream: true, tools: toolsOf['/v1/chat/completions'] })
      ).text(),
    )
    for (const [index, { id }] of [paris, rome].entries()) {
      const own = pieces.filter(one => one.index === index)
      expect(own.map(one => one.id).filter(Boolean)).toEqual([id])
      expect(own.map(one => one.function?.name).filter(Boolean)).toEqual(['weather'])
      expect(own[0]?.id).toBe(id)
    }
  })
}

/** Upstreams that call a tool and say that they merely stopped. */
const mistaken: readonly (readonly [Kind, readonly string[], object])[] = [
  [
    'compatible',
    [chat.role(), piece(0, 'call_a', 'weather', '{"city":"Paris"}'), chunk({}, 'stop'), chat.done],
    chatWhole('stop'),
  ],
  [
    'messages',
    [
      messages.start,
      block.tool(0, 'call_a'),
      block.args(0, '{"city":"Paris"}'),
      block.stop(0),
      block.finish('end_turn'),
      messages.stop,
    ],
    messagesWhole('end_turn'),
  ],
]

for (const [kind, steps, whole] of mistaken) {
  test.each(paths)(
    `features C2: an answer with calls ends as one, whatever ${kind} said, to %s`,
    async path => {
      // A relay says what its upstream says: bytes survive until touched.
      if (kind === 'messages' && path === '/v1/messages') return
      const { url } = speaking(kind, steps, whole)
      for (const stream of [true, false]) {
        const heard = await hear[path](url, stream)
        expect([stream, heard.finish, heard.calls]).toEqual([stream, finishes[path].calls, [paris]])
      }
    },
  )
}

test.each(paths)(
  'features C3: a finish that comes early, and twice, is told once and last, to %s',
  async path => {
    const { url } = speaking('compatible', [
      chat.role(),
      chunk({ content: 'Hel' }, 'stop'),
      chunk({ content: 'lo' }, 'stop'),
      chat.finish(),
      chat.usage(),
      chat.done,
    ])
    const text = await (await ask(url, path, { stream: true })).text()
    expectWhole(path, text)
    expect(textOf(text)).toBe('Hello')
    const finishing = framesOf(text).flatMap(({ data }, index) =>
      /"finish_reason":"|"stop_reason":"|"type":"response.completed"/.test(data) ? [index] : [],
    )
    expect(finishing.length).toBe(1)
    const lastWords = framesOf(text).findLastIndex(({ data }) => data.includes('lo'))
    if (path !== '/v1/responses') expect(finishing[0]).toBeGreaterThanOrEqual(lastWords)
  },
)

const beginnings: readonly (readonly [string, readonly string[]])[] = [
  ['a tool only', []],
  ['text, then a tool', [chat.text('Let me see.')]],
  ['a thought, then a tool', [chunk({ reasoning_content: 'Hmm.' })]],
  ['a thought, text, then a tool', [chunk({ reasoning_content: 'Hmm.' }), chat.text('Let me see.')]],
]
test.each(beginnings)('features C4: the reason to stop follows from what was said: %s', async (_, first) => {
  for (const finish of ['stop', 'tool_calls']) {
    const { url } = speaking('compatible', [
      chat.role(),
      ...first,
      piece(0, 'call_a', 'weather', '{"city":"Paris"}'),
      chunk({}, finish),
      chat.done,
    ])
    for (const path of paths) {
      const heard = await hear[path](url, true)
      expect([path, finish, heard.finish]).toEqual([path, finish, finishes[path].calls])
      expect(heard.calls).toEqual([paris])
    }
  }
})

test.each(paths)('features C5: fragments of arguments leave as they arrive, to %s', async path => {
  const gates = [gate(), gate()] as const
  const { url } = speaking('compatible', [
    chat.role(),
    piece(0, 'call_a', 'weather', '{"city":'),
    gates[0].wait,
    piece(0, undefined, undefined, '"Par'),
    gates[1].wait,
    piece(0, undefined, undefined, 'is"}'),
    chunk({}, 'tool_calls'),
    chat.done,
  ])
  const response = await ask(url, path, { stream: true, tools: toolsOf[path] })
  // The upstream says no more before its fragment was seen at the other end.
  const reading = readUntil(response, '{\\"city\\":')
  await reading.seen()
  gates[0].open()
  await reading.seen('\\"Par')
  gates[1].open()
  expectWhole(path, await reading.rest())
})

/** The frames of a Messages stream, checked against the grammar that its clients rely on. */
function expectGrammar(text: string): readonly string[] {
  const frames = framesOf(text).map(({ event, data }) => ({ event, ...JSON.parse(data) }))
  let open: number | undefined
  let next = 0
  const kinds: string[] = []
  for (const frame of frames) {
    expect(frame.type).toBe(frame.event)
    if (frame.type === 'content_block_start') {
      expect([open, frame.index]).toEqual([undefined, next])
      open = next++
      kinds.push(frame.content_block.type)
    } else if (frame.type === 'content_block_delta') expect(frame.index).toBe(open ?? -1)
    else if (frame.type === 'content_block_stop') {
      expect(frame.index).toBe(open ?? -1)
      open = undefined
    }
  }
  const order = frames.map(frame => frame.type).filter(type => /^message/.test(type))
  expect(order).toEqual(['message_start', 'message_delta', 'message_stop'])
  expect([frames[0]?.type, frames.at(-1)?.type, open]).toEqual(['message_start', 'message_stop', undefined])
  return kinds
}

test('features C6: a Messages stream never overlaps its blocks, whatever the upstream interleaves', async () => {
  const scripts: readonly (readonly [readonly string[], readonly string[]])[] = [
    [interleaved[0]?.[1] ?? [], ['tool_use', 'tool_use']],
    [
      [
        chat.role(),
        chunk({ reasoning_content: 'Hmm.' }),
        chat.text('One. '),
        piece(0, 'call_a', 'weather', '{"city":"Paris"}'),
        chat.text('Two. '),
        piece(1, 'call_b', 'weather', '{"city":"Rome"}'),
        chunk({}, 'tool_calls'),
        chat.done,
      ],
      ['thinking', 'text', 'tool_use', 'text', 'tool_use'],
    ],
    [
      [chat.role(), chat.role(), chat.text('Hi'), chat.role(), chat.finish(), chat.finish(), chat.done],
      ['text'],
    ],
    [[chat.role(), chat.finish(), chat.done], []],
  ]
  for (const [steps, kinds] of scripts) {
    const { url } = speaking('compatible', steps)
    const text = await (
      await ask(url, '/v1/messages', { stream: true, tools: toolsOf['/v1/messages'] })
    ).text()
    expect(expectGrammar(text).toSorted()).toEqual([...kinds].toSorted())
  }
  const { url } = speaking('responses', interleaved[1]?.[1] ?? [])
  const text = await (await ask(url, '/v1/messages', { stream: true, tools: toolsOf['/v1/messages'] })).text()
  expect(expectGrammar(text)).toEqual(['tool_use', 'tool_use'])
})

const omitted: readonly (readonly [string, readonly string[]])[] = [
  ['no index', [piece(undefined, 'call_a', 'weather', '{"city":"Paris"}')]],
  ['no id', [piece(0, undefined, 'weather', '{"city":'), piece(0, undefined, undefined, '"Paris"}')]],
  [
    'neither',
    [piece(undefined, undefined, 'weather', '{"city":'), piece(undefined, undefined, undefined, '"Paris"}')],
  ],
  [
    'no choice index',
    [
      `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [{ index: 0, function: { name: 'weather', arguments: '{"city":"Paris"}' } }] } }] })}\n\n`,
    ],
  ],
  [
    'id and name on every piece',
    [piece(0, 'call_a', 'weather', '{"city":'), piece(0, 'call_a', 'weather', '"Paris"}')],
  ],
  [
    'empty ids and names behind the first',
    [piece(0, 'call_a', 'weather', '{"city":'), piece(0, '', '', '"Paris"}')],
  ],
]
test.each(omitted)('features C7: a stream with %s is filled in, the same each time', async (_, pieces) => {
  const { url } = speaking('compatible', [chat.role(), ...pieces, chunk({}, 'tool_calls'), chat.done])
  for (const path of paths) {
    const first = await hear[path](url, true)
    expect(first.calls).toMatchObject([{ name: 'weather', args: { city: 'Paris' } }])
    expect(first.calls[0]?.id).toMatch(/^.{4,64}$/)
    expect((await hear[path](url, true)).calls).toEqual(first.calls)
  }
})
