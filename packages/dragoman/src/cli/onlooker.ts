import { createGateway, type Gateway } from '../gateway.ts'
import { createMediaFetch } from '../server/media-fetch.ts'
import { MemoryStateStore } from '../stores/memory-state.ts'
import type { readConfig } from './settings.ts'

type Input = Extract<Awaited<ReturnType<typeof readConfig>>, { readonly ok: true }>['input']

/**
 * A gateway for commands that look and serve nobody: it can do what the configuration asks of a server, but opens no
 * store, whose file may be another process's.
 */
export const createOnlooker = (input: Input): Gateway =>
  createGateway(input, { store: new MemoryStateStore(), media: createMediaFetch() })
