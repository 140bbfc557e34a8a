import { run } from '../test/run.mjs'

/** What a provisioner returns for a piece it could not get. `possible` tells whether this machine could have had it. */
export const absent = (reason, possible) => ({ ready: false, reason, possible })

/** The first line of an error, for a sentence. */
export const briefly = error =>
  (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 4).join(' ')

/** Whether npm's registry answers; through npm itself, so that its own settings decide which registry that is. */
export async function reachesNpm(cwd) {
  return (await run('npm', ['view', 'zod', 'version'], { cwd, timeout: 60_000 })).code === 0
}
