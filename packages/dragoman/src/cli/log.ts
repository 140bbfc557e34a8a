import type { Log } from '../core/ports.ts'
import { printable, styleFor } from './terminal.ts'

type Level = Parameters<Log>[0]

const ranks: { readonly [L in Level]: number } = { debug: 0, info: 1, warn: 2, error: 3 }

/** One JSON object a line, for whatever collects them. */
const writeJson: Log = (level, message, fields) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`)
}

/** The same for eyes. */
const writeText: Log = (level, message, fields = {}) => {
  const style = styleFor(process.stderr)
  const paint = level === 'error' ? style.bad : level === 'warn' ? style.warn : style.dim
  const rest = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const time = new Date().toTimeString().slice(0, 8)
  process.stderr.write(
    `${style.dim(time)} ${paint(level)} ${printable(message)}${style.dim(printable(rest.join('')))}\n`,
  )
}

/** A log on standard error that drops what is below `least`: lines of JSON, or text where a person reads along. */
export function createLog(least: Level): Log {
  const write = process.stderr.isTTY ? writeText : writeJson
  return (level, message, fields) => {
    if (ranks[level] >= ranks[least]) write(level, message, fields)
  }
}
