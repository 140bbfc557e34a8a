import { run } from '../test/run.mjs'

/** What a provisioner returns for a piece it could not get. `possible` tells whether this machine could have had it. */
export const absent = (reason, possible) => ({ ready: false, reason, possible })

/** The same after a failure: with a network, what failed could have worked. */
export async function failed(what, error) {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n')
  const [first = '', ...rest] = lines.map(line => line.trim()).filter(line => line !== '')
  const cause = rest.find(line => /error|^E:/i.test(line)) ?? rest.at(-1) ?? ''
  return absent(`${what}: ${first} ${cause}`.trim(), await hasNetwork())
}

let network

/** Whether npm's registry answers; asked through npm, so that its own settings decide which registry that is. */
function hasNetwork() {
  network ??= run('npm', ['view', 'zod', 'version'], { timeout: 60_000 }).then(({ code }) => code === 0)
  return network
}
