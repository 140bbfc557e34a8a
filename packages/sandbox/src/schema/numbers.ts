import { type JsonObject, numberAt } from '../json.ts'
import type { Random } from '../random.ts'

interface Range {
  readonly low: number
  readonly high: number
  readonly accepts: (value: number) => boolean
  readonly step: number | null
}

function rangeOf(schema: JsonObject, whole: boolean): Range {
  const infinite = Number.POSITIVE_INFINITY
  const low = numberAt(schema, 'minimum') ?? -infinite
  const high = numberAt(schema, 'maximum') ?? infinite
  const above = numberAt(schema, 'exclusiveMinimum') ?? -infinite
  const below = numberAt(schema, 'exclusiveMaximum') ?? infinite
  const multiple = numberAt(schema, 'multipleOf')
  const step = multiple !== null && multiple > 0 ? multiple : null
  const accepts = (value: number) =>
    value >= low &&
    value <= high &&
    value > above &&
    value < below &&
    (!whole || Number.isInteger(value)) &&
    (step === null || Math.abs(value / step - Math.round(value / step)) < 1e-9)
  return { low: Math.max(low, above), high: Math.min(high, below), accepts, step }
}

/** Sums of decimal steps leave a tail of binary digits, which a strict reader would not take for a multiple. */
const tidy = (value: number): number => Number(value.toPrecision(12))

/** The first offered number that the schema accepts, else one of its own. */
export function chooseNumber(
  schema: JsonObject,
  whole: boolean,
  offered: readonly number[],
  random: Random,
): number {
  const range = rangeOf(schema, whole)
  const fitting = offered.find(range.accepts)
  if (fitting !== undefined) return fitting
  const candidates = [aim(range, random), range.low, range.high, 0, 1].filter(Number.isFinite)
  const unit = range.step ?? (whole ? 1 : null)
  for (const candidate of candidates) {
    const near = unit === null ? [candidate] : nearest(candidate, unit, whole)
    const found = near.map(tidy).find(range.accepts)
    if (found !== undefined) return found
  }
  const middle = (range.low + range.high) / 2
  return Number.isFinite(middle) ? (whole ? Math.round(middle) : middle) : 0
}

/** Somewhere in the range: in its middle part where it has two ends, near its end where it has one. */
function aim({ low, high }: Range, random: Random): number {
  const far = random.below(9) + 1
  if (Number.isFinite(low) && Number.isFinite(high)) return low + (high - low) * (0.2 + random.next() * 0.6)
  if (Number.isFinite(low)) return low + far
  if (Number.isFinite(high)) return high - far
  return far
}

/** Multiples of the unit around a value; for a whole number that is also a multiple, further ones are tried. */
function nearest(value: number, unit: number, whole: boolean): readonly number[] {
  const at = Math.round(value / unit)
  const reach = whole && !Number.isInteger(unit) ? 1000 : 2
  return Array.from({ length: 2 * reach + 1 }, (_, index) => {
    const offset = index % 2 === 0 ? index / 2 : -(index + 1) / 2
    return (at + offset) * unit
  })
}
