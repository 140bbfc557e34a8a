import { asks, canary, type Scene } from '../support/scene.ts'
import type { Answering, SeenRequest, Step } from '../support/upstream.ts'
import { chat, messages, responses } from '../support/wire.ts'

const gemini = {
  whole: (text: string) => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    modelVersion: 'm',
    responseId: 'r',
  }),
  // Early chunks tell the traffic and no counts.
  frames: [
    {
      candidates: [{ content: { role: 'model', parts: [{ text: 'Hel' }] } }],
      usageMetadata: { trafficType: 'ON_DEMAND' },
    },
    {
      candidates: [{ content: { role: 'model', parts: [{ text: 'lo' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 },
    },
  ].map(frame => `data: ${JSON.stringify(frame)}\r\n\r\n`),
}

/** A chunk of filter results comes first, one without a delta in the middle, and one more behind the finish. */
const filtered = (rest: object) =>
  `data: ${JSON.stringify({ id: '', object: '', created: 0, model: '', choices: [], ...rest })}\n\n`
const annotation = filtered({
  choices: [
    {
      index: 0,
      finish_reason: null,
      content_filter_results: {},
      content_filter_offsets: { check_offset: 9 },
    },
  ],
})
export const chatFrames = [
  filtered({ prompt_filter_results: [{ prompt_index: 0 }] }),
  ...[chat.role(), chat.text('Hel'), annotation, chat.text('lo'), chat.finish(), annotation],
  ...[chat.usage(), chat.done],
]

/** Each wire's own answer, by the path that it is asked at. */
const answers: readonly (readonly [RegExp, unknown, readonly Step[]])[] = [
  [/chat\/completions$/, chat.whole('Hello'), chatFrames],
  [
    /responses$/,
    responses.whole('Hello'),
    [
      responses.created,
      responses.open,
      responses.text('Hello'),
      responses.close('Hello'),
      responses.completed('Hello'),
    ],
  ],
  [
    /awPredict$/,
    messages.whole('Hello'),
    [messages.start, messages.open, messages.text('Hello'), messages.close, messages.finish, messages.stop],
  ],
  [/enerateContent$/, gemini.whole('Hello'), gemini.frames],
]

const isStreamed = ({ path, json }: SeenRequest) => json.stream === true || path.includes(':stream')

export interface Entry {
  readonly kind: string
  readonly [key: string]: unknown
}

/** A gateway in front of a scripted cloud, which answers each wire at its own path unless told otherwise. */
export function serve(scene: Scene, entry: Entry, model: string, answering?: Answering) {
  const upstream = scene.upstream(stream => (request, index) => {
    if (answering !== undefined) return answering(request, index)
    const [, whole, frames] = answers.find(([path]) => path.test(request.path)) ?? []
    if (frames === undefined)
      return Response.json({ error: { code: '404', message: 'Resource not found' } }, { status: 404 })
    return isStreamed(request) ? stream(frames) : Response.json(whole)
  })
  const provider = { base_url: upstream.url, api_key: canary.provider, ...entry }
  const { url } = scene.gateway({
    providers: { p: provider },
    models: { 'a/m': { targets: [{ provider: 'p', model }] } },
    retry: { attempts: 0 },
  })
  return { url, upstream }
}

/** Entries of the configuration, but for address and key. */
export const azure = { kind: 'azure' }
export const dated = { kind: 'azure', api_version: '2024-10-21' }
export const vertex = { kind: 'vertex', project: 'p-1', location: 'europe-west4' }
export const inProject = '/v1/projects/p-1/locations/europe-west4'
export const byKey = { 'api-key': canary.provider, authorization: null }
export const byToken = { 'api-key': null, authorization: `Bearer ${canary.provider}` }
const contents = [{ role: 'user', parts: [{ text: 'hi' }] }]

/** Callers, with how they ask for a stream. */
export const callers = {
  chat: (stream: boolean) => ['/v1/chat/completions', { ...asks['/v1/chat/completions'], stream }],
  responses: (stream: boolean) => ['/v1/responses', { ...asks['/v1/responses'], stream }],
  messages: (stream: boolean) => ['/v1/messages', { ...asks['/v1/messages'], stream }],
  gemini: (stream: boolean) => [
    `/v1beta/models/a/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    { contents },
  ],
} as const satisfies { [caller: string]: (stream: boolean) => readonly [string, object] } // four pairs
