// What is measured: a caller's wire, the upstream's wire, the shape of the answer, and the goal as a ratio to bare.
import { modelOf, requestBody, type Script, textOf, wholeWords } from './bodies.ts'
import type { Job, WireName } from './protocol.ts'

export interface Traffic {
  readonly name: string
  readonly caller: WireName
  /** The provider of the gateway's configuration; its wire is the one that bare passes on. */
  readonly provider: keyof typeof providers
  /** Whole answers where absent. */
  readonly script?: Script
  /** The caller asks for the stream's usage itself. */
  readonly askUsage?: true
  /** The caller's name for the model is not the upstream's. */
  readonly rename?: true
  /** Requests a round, and at once. */
  readonly count: number
  readonly concurrency: number
}

export interface Scenario extends Traffic {
  /** Gateway's processor time over bare's. */
  readonly goal: number
}

/** One provider a way of being carried: relayed where the kind is proved, translated where nothing is known. */
const providers = {
  chat: { kind: 'openai', wire: 'chat', path: '/v1' },
  compatible: { kind: 'openai-compatible', wire: 'chat', path: '/v1' },
  claude: { kind: 'anthropic', wire: 'messages', path: '' },
} as const

/** How an answer comes, and how often it is asked for. */
interface Shape {
  readonly script?: Script
  readonly count: number
  readonly concurrency: number
}

const whole: Shape = { count: 6000, concurrency: 32 }
/** As fast as it is read, in writes of one frame. */
const saturated: Shape = { script: { chunks: 400, group: 1, pause: 0 }, count: 320, concurrency: 16 }
/** The same, in writes of eight frames. */
const grouped: Shape = { script: { chunks: 400, group: 8, pause: 0 }, count: 320, concurrency: 16 }
/** A frame every 10 ms, in 100 streams at once. */
const paced: Shape = { script: { chunks: 300, group: 1, pause: 10 }, count: 100, concurrency: 100 }
/** Streams that are there and say little. */
const quiet: Shape = { script: { chunks: 600, group: 1, pause: 200 }, count: 1000, concurrency: 1000 }

type Row = readonly [
  name: string,
  caller: WireName,
  provider: keyof typeof providers,
  shape: Shape,
  goal: number,
  more?: Pick<Scenario, 'askUsage' | 'rename'>,
]

const rows: readonly Row[] = [
  ['whole-relay', 'chat', 'chat', whole, 1.6],
  ['whole-relay-renamed', 'chat', 'chat', whole, 1.6, { rename: true }],
  ['whole-relay-messages', 'messages', 'claude', whole, 1.6],
  ['whole-messages-on-chat', 'messages', 'compatible', whole, 1.8],
  ['whole-chat-on-messages', 'chat', 'claude', whole, 1.8],
  ['whole-chat-repaired', 'chat', 'compatible', whole, 1.8],
  ['whole-responses-on-chat', 'responses', 'compatible', whole, 1.8],

  ['stream-relay', 'chat', 'chat', saturated, 1.4],
  ['stream-relay-usage-asked', 'chat', 'chat', saturated, 1.4, { askUsage: true }],
  ['stream-relay-messages', 'messages', 'claude', saturated, 1.4],
  ['stream-messages-on-chat', 'messages', 'compatible', saturated, 1.4],
  ['stream-chat-on-messages', 'chat', 'claude', saturated, 1.4],
  ['stream-chat-repaired', 'chat', 'compatible', saturated, 1.4],
  ['stream-responses-on-chat', 'responses', 'compatible', saturated, 1.4],
  ['stream8-relay', 'chat', 'chat', grouped, 1.4],
  ['stream8-messages-on-chat', 'messages', 'compatible', grouped, 1.4],
  ['stream8-chat-on-messages', 'chat', 'claude', grouped, 1.4],

  ['paced-relay', 'chat', 'chat', paced, 1.8],
  ['paced-relay-messages', 'messages', 'claude', paced, 1.8],
  ['paced-messages-on-chat', 'messages', 'compatible', paced, 1.8],
  ['paced-chat-on-messages', 'chat', 'claude', paced, 1.8],
]

export const scenarios: readonly Scenario[] = rows.map(([name, caller, provider, shape, goal, more]) => ({
  name,
  caller,
  provider,
  ...shape,
  goal,
  ...more,
}))

const brief = { script: { chunks: 5, group: 1, pause: 10 }, count: 15, concurrency: 1 }
const alone = { count: 200, concurrency: 1 }

/** What is timed one at a time, up to its first content. */
export const delayed: readonly Traffic[] = [
  { name: 'delay-whole-relay', caller: 'chat', provider: 'chat', ...alone },
  { name: 'delay-whole-messages-on-chat', caller: 'messages', provider: 'compatible', ...alone },
  { name: 'delay-stream-relay', caller: 'chat', provider: 'chat', ...brief },
  { name: 'delay-stream-messages-on-chat', caller: 'messages', provider: 'compatible', ...brief },
]

/** Streams of Responses, with and without being stored: the goal is the ratio of the two. */
export const stored: readonly Scenario[] = [
  { name: 'stored-stream', caller: 'responses', provider: 'compatible', ...saturated, goal: 1.1 },
  { name: 'stored-stream8', caller: 'responses', provider: 'compatible', ...grouped, goal: 1.1 },
  { name: 'stored-paced', caller: 'responses', provider: 'compatible', ...paced, goal: 1.1 },
]

/** A stored stream of so many events is read again from near its end. */
export const resumed: Traffic = {
  name: 'resume-10000',
  caller: 'responses',
  provider: 'compatible',
  script: { chunks: 10_000, group: 64, pause: 0 },
  count: 1,
  concurrency: 1,
}

/** What is held for its memory, not raced. */
export const held: readonly Traffic[] = [
  { name: 'live-relay', caller: 'chat', provider: 'chat', ...quiet },
  { name: 'live-messages-on-chat', caller: 'messages', provider: 'compatible', ...quiet },
]

export const key = 'bench-key-bench-key-bench-key'

const wireOf = (traffic: Traffic) => providers[traffic.provider].wire
const isStream = (traffic: Traffic) => traffic.script !== undefined
/** The provider is part of the name, so that a name has one target. */
const upstreamModel = ({ script, provider }: Traffic) =>
  modelOf(script ?? { chunks: wholeWords, group: 1, pause: 0 }, provider)
const callerModel = (traffic: Traffic) => `${traffic.rename ? 'my-' : ''}${upstreamModel(traffic)}`

/** The gateway's configuration for all of it: every model an exact alias, as a file would have it. */
export function configOf(upstream: string): object {
  const entries = Object.entries(providers).map(([name, { kind, path }]) => [
    name,
    { kind, base_url: upstream + path, api_key: 'upstream' },
  ])
  const models = [...scenarios, ...delayed, ...held, ...stored, resumed].map(traffic => [
    callerModel(traffic),
    { targets: [{ provider: traffic.provider, model: upstreamModel(traffic) }] },
  ])
  return { sandbox: false, providers: Object.fromEntries(entries), models: Object.fromEntries(models) }
}

const paths: { readonly [W in WireName]: string } = {
  chat: '/v1/chat/completions',
  messages: '/v1/messages',
  responses: '/v1/responses',
}

function jobOf(traffic: Traffic, base: string, wire: WireName, model: string): Job {
  const stream = isStream(traffic)
  return {
    url: base + paths[wire],
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      ...(wire === 'messages' ? { 'anthropic-version': '2023-06-01' } : {}),
    },
    body: requestBody(wire, model, stream, traffic.askUsage === true),
    expect: { wire, stream, text: textOf(traffic.script?.chunks ?? wholeWords) },
    count: traffic.count,
    concurrency: traffic.concurrency,
  }
}

/** What a caller of the gateway sends. */
export const gatewayJob = (traffic: Traffic, url: string): Job =>
  jobOf(traffic, url, traffic.caller, callerModel(traffic))

/** The same in the upstream's own wire, for bare and for the upstream itself. */
export const bareJob = (traffic: Traffic, url: string): Job =>
  jobOf(traffic, url, wireOf(traffic), upstreamModel(traffic))

/** The embedded engine, asked under its usual name. */
export const sandboxJob = (url: string): Job => ({
  url: url + paths.chat,
  headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
  body: requestBody('chat', 'sandbox', false),
  expect: { wire: 'chat', stream: false, text: '' },
  count: 1,
  concurrency: 1,
})
