import type { Evidence, Feature, Level, Rule } from '../profile.ts'

/** What a host cannot be asked for, where one piece of evidence says it of several features, for all or some models. */
export const absent = (evidence: Evidence, features: readonly Feature[], model?: string): readonly Rule[] =>
  claim('absent', evidence, features, model)

/** What some models of a host can be asked for although others cannot. */
export const native = (evidence: Evidence, features: readonly Feature[], model?: string): readonly Rule[] =>
  claim('native', evidence, features, model)

const claim = (level: Level, evidence: Evidence, features: readonly Feature[], model?: string): Rule[] =>
  features.map(feature => ({ feature, level, evidence, ...(model === undefined ? {} : { model }) }))

/** What none of these models has, pattern by pattern; a pattern that is undefined means every model. */
export const absentFrom = (
  features: readonly Feature[],
  patterns: readonly (string | undefined)[],
  evidence: Evidence,
): readonly Rule[] => patterns.flatMap(model => absent(evidence, features, model))

/** What is known of a host on the day its documents were read. */
export const documented = (source: string, date: string): Evidence => ({ rank: 'documented', source, date })

export const assumed = (source: string): Evidence => ({ rank: 'assumed', source, date: '2026-11-22' })

/** Answers of OpenAI's own additions that no other host documents: they are emulated everywhere else. */
export const openaiOnly: readonly Rule[] = absent(
  assumed('no document or type of the host has it; it is OpenAI’s own addition to its wire'),
  ['tools.custom', 'tool-choice.allowed', 'embed.token-ids'],
)
