// The child's side: answers the parent's questions, and leaves with the parent.
import type { Answered, Asked, Questions, Ready } from './protocol.ts'

type Answers = {
  readonly [Q in keyof Questions]?: (
    ask: Questions[Q]['ask'],
  ) => Questions[Q]['answer'] | Promise<Questions[Q]['answer']>
}

const everyProcess: Answers = {
  cpu() {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  memory() {
    Bun.gc(true)
    Bun.gc(true)
    const { rss, heapUsed } = process.memoryUsage()
    return { rss, heap: heapUsed }
  },
  leave() {
    // After the answer went out; an orderly exit writes the profile, a signal does not.
    setTimeout(() => process.exit(0), 10)
    return null
  },
}

const send = (message: Answered | Ready) => process.send?.(message)

/** Says where this process listens and answers questions from then on. */
export function answerParent(ready: Ready, own: Answers = {}): void {
  const answers = { ...everyProcess, ...own }
  process.on('message', async (asked: Asked) => {
    const answer = answers[asked.question] as ((payload: unknown) => unknown) | undefined // the parent's types pair them
    try {
      if (answer === undefined) throw new Error(`this process has no answer to "${asked.question}"`)
      send({ id: asked.id, answer: await answer(asked.payload) })
    } catch (error) {
      send({ id: asked.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.on('disconnect', () => process.exit(1))
  send(ready)
}
