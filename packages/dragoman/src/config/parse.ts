import { checkModels } from './check-models.ts'
import { checkProviders, type Kinds, sectionOf } from './check-providers.ts'
import type { Config } from './config.ts'
import { explainIssue } from './explain-issue.ts'
import { isLoopback } from './loopback.ts'
import { type ConfigProblem, type Finding, formatPath } from './problem.ts'
import { requestFields } from './request-fields.ts'
import { impliedProviders, resolveConfig } from './resolve.ts'
import { configSchema } from './schema.ts'
import { didYouMean } from './suggest.ts'

export type ParseResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Where a finding stands in the text it came from. */
export type Locate = (finding: Finding) => { readonly line: number; readonly column: number } | undefined

function checkUnsupported(at: readonly string[], value: unknown): readonly Finding[] {
  return Object.keys(sectionOf(value)).flatMap((key): Finding[] => {
    const field = key.split('.')[0] ?? key
    if (key === 'default' || requestFields.includes(field)) return []
    const near = didYouMean(field, requestFields).replace(/ ?Known: .*/, '')
    const hint = near === '' ? 'Use the name the caller writes, such as logit_bias.' : near
    return [{ at: [...at, key], aboutKey: true, message: 'no request has a field of this name.', hint }]
  })
}

function checkAuth(input: { readonly [key: string]: unknown }): readonly Finding[] {
  const host = sectionOf(input.server).host
  if (sectionOf(input.auth).required !== false || typeof host !== 'string' || isLoopback(host)) return []
  return [
    {
      at: ['auth', 'required'],
      message: `false would let anybody who can reach ${host} spend your keys.`,
      hint: 'Take it out, or listen on 127.0.0.1.',
    },
  ]
}

function findingsOf(value: unknown, kinds: Kinds): readonly Finding[] {
  const input = sectionOf(value)
  const models = sectionOf(input.models)
  const providers = sectionOf(input.providers)
  const names = [...new Set([...Object.keys(providers), ...impliedProviders(value, kinds)])]
  return [
    ...checkProviders(providers, kinds),
    ...checkModels(models, names, kinds, providers),
    ...checkUnsupported(['unsupported'], input.unsupported),
    ...Object.entries(models).flatMap(([name, route]) =>
      checkUnsupported(['models', name, 'unsupported'], sectionOf(route).unsupported),
    ),
    ...checkAuth(input),
  ]
}

/** Two checks may trip over the same value; the first sentence about a place is the one that helps. */
export function toProblems(
  findings: readonly Finding[],
  locate: Locate | undefined,
): readonly ConfigProblem[] {
  const problems = new Map<string, ConfigProblem>()
  for (const finding of findings) {
    const path = formatPath(finding.at)
    if (problems.has(path)) continue
    const { message, hint } = finding
    problems.set(path, { path, message, ...(hint === undefined ? {} : { hint }), ...locate?.(finding) })
  }
  return [...problems.values()].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  )
}

/** Reads a configuration that may be wrong in any way; reports every problem at once, and no secret in any of them. */
export function parseConfig(input: unknown, kinds: Kinds, locate?: Locate): ParseResult {
  // It is read once: making code for each section, as zod does for what is read often, takes longer than reading it.
  const parsed = configSchema.safeParse(input, { jitless: true })
  const shape = parsed.success ? [] : parsed.error.issues.flatMap(issue => explainIssue(issue, input))
  const findings = [...shape, ...findingsOf(input, kinds)]
  if (!parsed.success || findings.length > 0) return { ok: false, problems: toProblems(findings, locate) }
  return { ok: true, config: resolveConfig(parsed.data, kinds) }
}
