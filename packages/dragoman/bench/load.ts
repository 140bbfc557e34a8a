// The load: sends one sort of request again and again over kept connections, and checks every answer.
import { createCheck, hasContent } from './check.ts'
import { answerParent } from './probe.ts'
import type { Job, RunResult } from './protocol.ts'

const mostTold = 3

/** Runs `once` for each request of the job, as many at a time as it allows. */
async function closedLoop(job: Job, once: () => Promise<string | undefined>): Promise<RunResult> {
  const failures: string[] = []
  let failed = 0
  let left = job.count
  const began = performance.now()
  const worker = async () => {
    while (left-- > 0) {
      const problem = await once().catch(error => String(error))
      if (problem === undefined) continue
      failed++
      if (failures.length < mostTold) failures.push(problem)
    }
  }
  await Promise.all(Array.from({ length: Math.min(job.concurrency, job.count) }, worker))
  return { seconds: (performance.now() - began) / 1000, failed, failures }
}

const send = (job: Job, signal?: AbortSignal) =>
  fetch(job.url, {
    method: 'POST',
    headers: job.headers,
    body: job.body,
    ...(signal === undefined ? {} : { signal }),
  })

function run(job: Job): Promise<RunResult> {
  const check = createCheck(job.expect)
  return closedLoop(job, async () => {
    const response = await send(job)
    return check(response.status, new Uint8Array(await response.arrayBuffer()))
  })
}

type Reader = ReadableStreamDefaultReader<Uint8Array>

/** Reads a stream until its first content; the reader stands behind it. */
async function readToContent(job: Job, signal?: AbortSignal): Promise<Reader> {
  const response = await send(job, signal)
  if (response.status !== 200 || response.body === null) throw new Error(await response.text())
  const reader: Reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) throw new Error('the stream ended before any content')
    if (hasContent(value, job.expect)) return reader
  }
}

async function delay(job: Job): Promise<readonly number[]> {
  const delays: number[] = []
  for (let index = 0; index < job.count; index++) {
    const began = performance.now()
    if (job.expect.stream) {
      const reader = await readToContent(job)
      delays.push(performance.now() - began)
      // Read to the end, so that the connection is kept for the next one.
      while (!(await reader.read()).done);
    } else {
      await (await send(job)).arrayBuffer()
      delays.push(performance.now() - began)
    }
  }
  return delays
}

let closing = new AbortController()

function open(job: Job): Promise<RunResult> {
  const { signal } = closing
  return closedLoop(job, async () => {
    const reader = await readToContent(job, signal)
    const readOn = async () => {
      while (!(await reader.read()).done);
    }
    readOn().catch(() => {})
    return undefined
  })
}

function close(): null {
  closing.abort()
  closing = new AbortController()
  return null
}

function abort(job: Job): Promise<RunResult> {
  return closedLoop(job, async () => {
    const leaving = new AbortController()
    await readToContent(job, leaving.signal)
    leaving.abort()
    return undefined
  })
}

answerParent({ port: 0 }, { run, delay, open, close, abort })
