// The bench's output: one line a result, the goal beside the figure.
import type { DelayResult } from './delay.ts'
import type { DuelResult } from './duel.ts'
import type { LiveResult } from './live.ts'
import type { SoakResult } from './soak.ts'
import type { StartResult } from './start.ts'
import type { ResumeResult } from './stored.ts'

const nameWidth = 26
const cellWidth = 10

const line = (name: string, ...cells: readonly string[]): string =>
  [name.padEnd(nameWidth), ...cells.map(cell => cell.padStart(cellWidth))].join(' ').trimEnd()

const missed = (isMissed: boolean) => (isMissed ? '  missed' : '')
const microseconds = (value: number) => value.toFixed(value < 1000 ? 1 : 0)
const milliseconds = (value: number) => `${value.toFixed(2)} ms`
const kilobytes = (value: number) => `${(value / 1000).toFixed(1)} KB`

const wrong = ({ failed, failures }: { readonly failed: number; readonly failures: readonly string[] }) =>
  failed === 0 ? '' : `\n  ${failed} WRONG ANSWERS: ${failures.join(' | ')}`

/** Processor time an answer on both sides, and answers a second. */
export const duelHeading = line('cpu', 'ratio', 'goal', 'from-to', 'bare us', 'ours us', 'bare /s', 'ours /s')

export function duelLine(result: DuelResult): string {
  const { bare, gateway, goal, ratio, spread } = result
  const cells = [
    ratio.toFixed(2),
    `<= ${goal}`,
    spread.map(value => value.toFixed(1)).join('-'),
    microseconds(bare.cpu),
    microseconds(gateway.cpu),
    bare.rate.toFixed(0),
    gateway.rate.toFixed(0),
  ]
  return line(result.name, ...cells) + missed(ratio > goal) + wrong(result)
}

export const delayHeading = `\n${line('first content', 'direct', '+ bare', '+ ours')}`

export const delayLine = ({ name, direct, bare, gateway }: DelayResult) =>
  line(name, milliseconds(direct), milliseconds(bare), milliseconds(gateway))

/** The same stream without and with being stored, both by the gateway. */
export const storedHeading = `\n${line('stored', 'ratio', 'goal', 'from-to', 'not us', 'stored us', 'not /s', 'stored /s')}`

export const resumeLine = (result: ResumeResult, goal: number) =>
  `${line(result.name, milliseconds(result.median), `worst ${result.most.toFixed(0)}`)}   < ${goal} ms${missed(result.median >= goal)}`

const mostLive = 50_000

export function liveLine(result: LiveResult & { readonly name: string; readonly side: string }): string {
  const { name, side, first, again, failed } = result
  const cells = [`${kilobytes(first)} a stream`, `again ${kilobytes(again)}`]
  const ours = side === 'gateway'
  const goal = ours ? `   < ${kilobytes(mostLive)}${missed(first >= mostLive)}` : ''
  return `${name.padEnd(nameWidth)} ${side.padEnd(8)} ${cells.map(cell => cell.padStart(18)).join(' ')}${goal}${failed === 0 ? '' : `  ${failed} FAILED`}`
}

/** The median and the best of each form; the goal is for what users get. */
export const startHeading = [
  '\nstart of the command to its first answer',
  '  source: as it lies in the repository. bundled: minified and split, run by Bun. binary: the same compiled into one',
  '  file with its bytecode, as it is shipped; the goal is for this one.',
  line('start, ms', 'source', 'best', 'bundled', 'best', 'binary', 'best', 'goal'),
].join('\n')

export function startLine(name: string, results: readonly StartResult[], goal: number): string {
  const cells = results.flatMap(({ median, least }) => [median.toFixed(0), least.toFixed(0)])
  const shipped = results.find(({ form }) => form === 'binary')?.median ?? 0
  return line(name, ...cells, `< ${goal}`) + missed(shipped >= goal)
}

export function soakLines(result: SoakResult): string {
  const { requests, aborted, rssSlope, heapSlope, live } = result
  return [
    `${requests} requests and ${aborted} aborted streams; over the second half, for every 10,000:`,
    line('  resident memory', kilobytes(rssSlope * 10_000)),
    line('  heap', kilobytes(heapSlope * 10_000)),
    `  ${live} calls still carried${wrong(result)}`,
  ].join('\n')
}
