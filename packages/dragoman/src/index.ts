export { ConfigError, type ConfigProblem } from './config/problem.ts'
export type { ConfigInput } from './config/schema.ts'
export type {
  Ambient,
  Dial,
  FetchedMedia,
  KeyVerdict,
  KeyVerifier,
  Log,
  MediaFetch,
  MediaLimits,
  MediaProblem,
  Transport,
} from './core/ports.ts'
export type { Explanation } from './explain.ts'
export { createGateway, type Gateway, type GatewayPorts, type ReloadResult } from './gateway.ts'
export type { Note, NoteKind } from './ir/note.ts'
