import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Reasoning } from '../../ir/request.ts'
import { own } from '../../wire/json.ts'
import { type Fields, flag, integer, object, text } from './fields.ts'
import { ownExtra, unlessEmpty, withExtra, withMark } from './wire.ts'

/** The wire did not ask for thoughts, nor does it where the model is encoded again. */
const silentMark = '$silent'

/** SDK 3.1.0 `ThinkingLevel`, and the efforts it has a word for. */
const efforts: { readonly [level: string]: string } = {
  MINIMAL: 'minimal',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
}
const levels: { readonly [effort: string]: string } = {
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
}

/** The budget that leaves it to the model. */
const dynamic = -1

/** `thinkingConfig`: a level or a budget (0 is off, -1 is up to the model), and whether thoughts are shown. */
export function decodeThinking(config: Fields): Reasoning | undefined {
  const wire = config.want('thinkingConfig', object)
  if (wire === undefined) return undefined
  const inner = config.inside('thinkingConfig', wire)
  const level = inner.want('thinkingLevel', text)
  const effort = level === undefined ? undefined : own(efforts, level.toUpperCase())
  if (level !== undefined && effort === undefined) inner.keep('thinkingLevel', level)
  const said = inner.want('thinkingBudget', integer)
  const shows = inner.take('includeThoughts', flag)
  if (shows === false) inner.keep('includeThoughts', false)
  return defined({
    effort,
    budget: said !== undefined && said > 0 ? said : undefined,
    mode: said === 0 ? 'off' : said !== undefined && said < 0 ? 'adaptive' : undefined,
    summary: shows === true ? 'auto' : undefined,
    extra: withMark(inner.extra(), silentMark, shows === true ? undefined : true),
  })
}

/**
 * Level and budget exclude each other (trap 38): the number counts where both are said. Which of the two a model takes
 * is for an adaptation to know. Where thinking itself is asked for, as other wires do that then show it, thoughts are
 * asked for, too.
 */
export function encodeThinking(reasoning: Reasoning | undefined, notes: Notes): JsonObject | undefined {
  if (reasoning === undefined) return undefined
  notes.foreign(reasoning, 'reasoning')
  const { effort, mode } = reasoning
  const thinkingBudget = budgetOf(reasoning, notes)
  const thinkingLevel = thinkingBudget === undefined ? levelOf(effort, notes) : undefined
  if (thinkingBudget !== undefined && effort !== undefined && (effort !== 'none' || thinkingBudget !== 0)) {
    notes.add('dropped', 'reasoning.effort', 'an effort and a budget exclude each other here')
  }
  const isAsked = mode === 'on' || mode === 'adaptive' || (reasoning.budget ?? 0) > 0
  const own = ownExtra(reasoning)
  const shows = reasoning.summary !== undefined || (isAsked && own?.[silentMark] !== true)
  if (reasoning.summary === 'concise' || reasoning.summary === 'detailed') {
    notes.add('approximated', 'reasoning.summary', 'thoughts are shown at one length here')
  }
  const core = defined({ thinkingLevel, thinkingBudget, includeThoughts: shows ? true : undefined })
  const wire = withExtra(core, own)
  return own === undefined ? unlessEmpty(wire) : wire
}

function budgetOf({ mode, budget, effort }: Reasoning, notes: Notes): number | undefined {
  if (mode === 'off' && (budget ?? 0) > 0)
    notes.add('dropped', 'reasoning.budget', 'thinking is switched off')
  if (mode === 'off' || (mode === undefined && budget === 0)) return 0
  if (budget !== undefined && budget > 0) return budget
  if (effort === 'none') {
    notes.add('renamed', 'reasoning.effort', 'no effort is a budget of 0 here')
    return 0
  }
  if (mode === 'adaptive') return effort === undefined ? dynamic : undefined
  if (mode === 'on' && effort === undefined) {
    notes.add('approximated', 'reasoning.mode', 'thinking without a budget is left to the model here')
    return dynamic
  }
  return undefined
}

function levelOf(effort: string | undefined, notes: Notes): string | undefined {
  if (effort === undefined) return undefined
  const level = own(levels, effort)
  if (level === undefined) notes.add('dropped', 'reasoning.effort', `there is no level ${effort} here`)
  else if (effort === 'xhigh' || effort === 'max') {
    notes.add('approximated', 'reasoning.effort', 'the highest level here is HIGH')
  }
  return level
}
