import { expect } from 'bun:test'
import { ask, canary, complaintOf, front, type Kind, type Path, paths, type Scene } from '../support/scene.ts'

/** The kind that speaks each caller's own dialect first-party, and one that is translated for all. */
const own: { readonly [P in Path]: Kind } = {
  '/v1/chat/completions': 'chat',
  '/v1/responses': 'responses',
  '/v1/messages': 'messages',
}
export type Way = readonly [path: Path, kind: Kind, stream: boolean]

export const everywhere: readonly Way[] = paths.flatMap(path =>
  ([own[path], 'compatible'] as const).flatMap(kind => [
    [path, kind, false] as const,
    [path, kind, true] as const,
  ]),
)

export const envelope = (more: Record<string, unknown>) => ({
  error: { message: 'what it says', type: 'x', param: null, code: null, ...more },
})

/** One call against an upstream that always fails like this. */
export async function failing(
  scene: Scene,
  [path, kind, stream]: Way,
  answer: () => Response,
  config: Parameters<typeof front>[3] = {},
) {
  const upstream = scene.upstream(() => answer)
  const { url, gateway } = front(scene, kind, upstream.url, config)
  const response = await ask(url, path, { stream })
  const text = await response.text()
  for (const secret of Object.values(canary)) expect(text).not.toContain(secret)
  expect(gateway.live).toBe(0)
  return { url, upstream, response, text, ...complaintOf(path, text) }
}

/** What every upstream below says. */
export const said = /^what it says$/
