// The gateway as the server runs it: keys on, a store in a file, everything else as it comes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openState } from '../src/cli/state.ts'
import type { ConfigInput } from '../src/config/schema.ts'
import { createGateway } from '../src/gateway.ts'
import { createDial } from '../src/server/dial.ts'
import { listen } from '../src/server/listen.ts'
import { CachedKeyVerifier } from '../src/stores/key-verifier.ts'
import { answerParent } from './probe.ts'

const [config = '{}', localKey = ''] = process.argv.slice(2)
const keys = new CachedKeyVerifier({
  localKey,
  open: () => Promise.reject(new Error('the bench has the local key only')),
  now: () => Date.now(),
  onFailure: error => console.error(error),
})
const folder = mkdtempSync(join(tmpdir(), 'dragoman-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const store = openState(undefined, folder)
const gateway = createGateway(JSON.parse(config) as ConfigInput, { keys, dial: createDial(), store }) // the parser checks it
const listening = listen(gateway, { host: '127.0.0.1', port: 0, maxBody: 32 * 1024 * 1024 })
if (!listening.ok) throw new Error(listening.message)

answerParent({ port: listening.server.port }, { live: () => gateway.live })
