/** Durations and sizes as they are written in the configuration. */

const milliseconds: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const bytes: { readonly [unit: string]: number } = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

export const durationPattern = /^\d+(\.\d+)?(ms|s|m|h)$/
/** Times that are counted in days, or `off`. */
export const retentionPattern = /^(\d+(\.\d+)?(s|m|h|d)|0|off)$/
export const sizePattern = /^\d+(\.\d+)?([kmg]?b|[KMG]?B)$/

function parseUnit(text: string, units: { readonly [unit: string]: number }): number | undefined {
  const match = /^([\d.]+)([a-z]+)$/i.exec(text)
  const factor = units[match?.[2]?.toLowerCase() ?? '']
  const amount = Number(match?.[1])
  return factor === undefined || !Number.isFinite(amount) ? undefined : Math.round(amount * factor)
}

/** `3s`, `500ms`, `10m`, `1.5h` in milliseconds; undefined for anything else. */
export const parseDuration = (text: string): number | undefined =>
  text.endsWith('d') ? undefined : parseUnit(text, milliseconds)

/** `30d`, `12h` in milliseconds, 0 for `off` and `0`; undefined for anything else. */
export const parseRetention = (text: string): number | undefined =>
  text === 'off' || text === '0' ? 0 : parseUnit(text, milliseconds)

/** `32mb`, `512kb` in bytes, counted in powers of 1024; undefined for anything else. */
export const parseSize = (text: string): number | undefined => parseUnit(text, bytes)

/** Milliseconds in the largest unit that says them exactly. */
export function writeDuration(value: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    const factor = milliseconds[unit] ?? 1
    if (value >= factor && value % factor === 0) return `${value / factor}${unit}`
  }
  return `${value}ms`
}
