// What the gateway costs beside a bare Bun proxy: `npm run bench -- --help`.
import { parseArgs } from 'node:util'
import { Child } from './child.ts'
import { measureDelay } from './delay.ts'
import { duel, type Processes } from './duel.ts'
import { buildForms } from './forms.ts'
import { measureLive } from './live.ts'
import {
  bareJob,
  configOf,
  delayed,
  gatewayJob,
  held,
  key,
  resumed,
  sandboxJob,
  scenarios,
  stored,
} from './scenarios.ts'
import { soak } from './soak.ts'
import { measureStart, type StartResult } from './start.ts'
import { measureResume, measureStored } from './stored.ts'
import {
  delayHeading,
  delayLine,
  duelHeading,
  duelLine,
  liveLine,
  resumeLine,
  soakLines,
  startHeading,
  startLine,
  storedHeading,
} from './table.ts'

const usage = `Usage: npm run bench -- [options]

  --only <text>    only what has this text in its name: a scenario, or delay, live, start
  --rounds <n>     rounds of each scenario, gateway and bare in turns (7)
  --scale <x>      that many times the requests (1)
  --soak           memory over 200,000 requests and 20,000 aborted streams instead, times --scale
  --profile <dir>  write a CPU profile of the gateway there
  --json           one JSON object a result instead of tables
  --list           the names of the scenarios

Figures are ratios to a bare Bun proxy measured in the same run. They are printed, never asserted. A start is measured
of the command from source, of its bundle (minified and split, run by Bun), and of the binary that users get (the same
compiled into one file with its bytecode).`

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '7' },
    scale: { type: 'string', default: '1' },
    soak: { type: 'boolean', default: false },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const rounds = Number(options.rounds)
const scale = Number(options.scale)
const isChosen = (name: string) => name.includes(options.only)

/** A table's line for people, or the result itself for programs. */
function print(kind: string, result: object, line: string): void {
  console.log(options.json ? JSON.stringify({ kind, ...result }) : line)
}

function head(text: string): void {
  if (!options.json) console.log(text)
}

const startGateway = (upstream: Child) =>
  Child.start('gateway.ts', {
    args: [JSON.stringify(configOf(upstream.url)), key],
    runtimeArgs: options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`],
  })

async function withProcesses<T>(work: (processes: Processes) => Promise<T>): Promise<T> {
  const upstream = await Child.start('upstream.ts')
  const [load, bare, gateway] = await Promise.all([
    Child.start('load.ts'),
    Child.start('bare.ts', { args: [upstream.url] }),
    startGateway(upstream),
  ])
  const all = { upstream, load, bare, gateway }
  try {
    return await work(all)
  } finally {
    for (const child of [load, gateway, bare, upstream]) await child.end()
  }
}

async function duels(): Promise<void> {
  const chosen = scenarios.filter(({ name }) => isChosen(name))
  if (chosen.length === 0) return
  head(duelHeading)
  await withProcesses(async processes => {
    for (const one of chosen) {
      const result = await duel(processes, one, { rounds, scale })
      print('duel', result, duelLine(result))
    }
  })
}

async function storing(): Promise<void> {
  const chosen = stored.filter(({ name }) => isChosen(name))
  const isResumed = isChosen(resumed.name)
  if (chosen.length === 0 && !isResumed) return
  head(storedHeading)
  await withProcesses(async processes => {
    for (const one of chosen) {
      const result = await measureStored(processes, one, { rounds, scale })
      print('stored', result, duelLine(result))
    }
    if (!isResumed) return
    const result = await measureResume(processes, resumed, rounds)
    print('resume', result, resumeLine(result, 50))
  })
}

async function delays(): Promise<void> {
  const chosen = delayed.filter(({ name }) => isChosen(name))
  if (chosen.length === 0) return
  head(delayHeading)
  await withProcesses(async processes => {
    for (const one of chosen) {
      const result = await measureDelay(processes, one, { rounds, scale })
      print('delay', result, delayLine(result))
    }
  })
}

async function live(): Promise<void> {
  const chosen = held.filter(({ name }) => isChosen(name))
  if (chosen.length === 0) return
  head('\nmemory of 1,000 live streams')
  for (const one of chosen) {
    const upstream = await Child.start('upstream.ts')
    const sides = [
      { side: 'bare', proxy: await Child.start('bare.ts', { args: [upstream.url] }), jobOf: bareJob },
      { side: 'gateway', proxy: await startGateway(upstream), jobOf: gatewayJob },
    ]
    for (const { side, proxy, jobOf } of sides) {
      const held = await measureLive(proxy, jobOf(one, proxy.url), one.count)
      const result = { name: one.name, side, ...held }
      print('live', result, liveLine(result))
      await proxy.end()
    }
    await upstream.end()
  }
}

async function start(): Promise<void> {
  const [first] = scenarios
  if (!isChosen('start') || first === undefined) return
  head(startHeading)
  using built = await buildForms()
  const upstream = await Child.start('upstream.ts')
  const relayed = await measureStart(
    built.forms,
    configOf(upstream.url),
    url => gatewayJob(first, url),
    rounds,
  )
  printStart('relayed', relayed, 150)
  await upstream.end()
  const sandbox = await measureStart(built.forms, {}, sandboxJob, rounds)
  printStart('sandbox', sandbox, 1000)
}

function printStart(name: string, results: readonly StartResult[], goal: number): void {
  if (!options.json) console.log(startLine(`start-${name}`, results, goal))
  else for (const result of results) console.log(JSON.stringify({ kind: 'start', name, ...result }))
}

async function soaked(): Promise<void> {
  const upstream = await Child.start('upstream.ts')
  const load = await Child.start('load.ts')
  const gateway = await startGateway(upstream)
  const wholes = scenarios.filter(({ name }) => name.startsWith('whole-'))
  const streams = scenarios.filter(({ name }) => name.startsWith('paced-'))
  const amount = { requests: 200_000 * scale, aborted: 20_000 * scale }
  const result = await soak({ load, gateway }, wholes, streams, amount, (done, { rss, heap }) =>
    head(
      `  ${String(done).padStart(7)} done  ${(rss / 1e6).toFixed(1)} MB resident  ${(heap / 1e6).toFixed(1)} MB heap`,
    ),
  )
  print('soak', result, soakLines(result))
  for (const child of [load, gateway, upstream]) await child.end()
}

if (options.help) console.log(usage)
else if (options.list)
  console.log(
    [...[...scenarios, ...stored, resumed, ...delayed, ...held].map(({ name }) => name), 'start'].join('\n'),
  )
else if (options.soak) await soaked()
else {
  await duels()
  await storing()
  await delays()
  await live()
  await start()
}
process.exit(0)
