import type { z } from 'zod'
import { defaultAt, keysAt } from './fields.ts'
import { type Finding, type PathSegments, quote } from './problem.ts'
import { reservedHint } from './reserved.ts'
import { laterStrategies } from './schema.ts'
import { didYouMean } from './suggest.ts'

type Issue = z.core.$ZodIssue

const typeNames: { readonly [type: string]: string } = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a section with keys of its own',
  record: 'a section with keys of its own',
  array: 'a list',
  null: 'nothing',
}

/** What YAML and JSON make; an instance of a class can only come from code. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number that is not finite'
  if (typeof value === 'object' && !isPlain(value)) return 'an object of a class'
  return typeNames[typeof value] ?? typeof value
}

/** What stands at a path of a value that may have any shape. */
export function valueAt(value: unknown, path: PathSegments): unknown {
  let current = value
  for (const segment of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, segment)) return undefined
    current = (current as { readonly [key: string | number]: unknown })[segment] // an own key, checked above
  }
  return current
}

function unknownKey(parent: PathSegments, key: string): Finding {
  const at = [...parent, key]
  const hint = reservedHint(parent, key)
  if (hint !== undefined) return { at, aboutKey: true, message: 'this version does not implement it.', hint }
  return { at, aboutKey: true, message: 'there is no such key.', hint: didYouMean(key, keysAt(parent)) }
}

/** A value outside a closed list. Such fields hold words, not secrets, so the word may be shown. */
function wrongWord(at: PathSegments, allowed: readonly unknown[], value: unknown): Finding {
  const words = allowed.map(String)
  if (at.at(-1) === 'strategy' && laterStrategies.some(name => name === value)) {
    return {
      at,
      message: `the strategy "${String(value)}" comes in a later version; this version does not implement it.`,
      hint: 'Write "ordered", or leave it out.',
    }
  }
  if (typeof value !== 'string') {
    return { at, message: `expected ${words.join(' or ')}, got ${typeOf(value)}.`, hint: leaveOut(at) }
  }
  return { at, message: `${quote(value)} is not possible here.`, hint: didYouMean(value, words) }
}

function leaveOut(at: PathSegments): string {
  const usual = defaultAt(at)
  return usual === undefined ? 'Correct it.' : `Correct it, or leave it out for ${usual}.`
}

function tooSmall(at: PathSegments, issue: z.core.$ZodIssueTooSmall): Finding {
  switch (issue.origin) {
    case 'array':
      return { at, message: 'the list is empty.', hint: 'Add at least one entry, or take the whole key out.' }
    case 'string':
      return { at, message: 'the text is empty.', hint: 'Fill it in, or take the key out.' }
    default:
      return { at, message: `has to be at least ${issue.minimum}.`, hint: leaveOut(at) }
  }
}

/** The branch of a union that the writer most likely meant: the one whose own type fits. */
function likelyBranch(issue: z.core.$ZodIssueInvalidUnion): readonly Issue[] | undefined {
  return issue.errors.find(
    branch => !branch.some(inner => inner.code === 'invalid_type' && inner.path.length === 0),
  )
}

const isKey = (segment: PropertyKey): segment is string | number => typeof segment !== 'symbol'

/** The sentences for one issue of zod: one finding a wrong key, one for anything else. Values are not repeated. */
export function explainIssue(issue: Issue, input: unknown, base: PathSegments = []): readonly Finding[] {
  const at = [...base, ...issue.path.filter(isKey)]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => unknownKey(at, key))
    case 'invalid_union': {
      const branch = likelyBranch(issue)
      if (branch !== undefined) return branch.flatMap(inner => explainIssue(inner, input, at))
      return [
        {
          at,
          message: `expected a text or a section, got ${typeOf(valueAt(input, at))}.`,
          hint: 'Write "provider/model", or targets: [{ provider, model }].',
        },
      ]
    }
    case 'invalid_type': {
      const got = valueAt(input, at)
      if (got === undefined) return [{ at, message: 'is missing.', hint: 'Add it.' }]
      return [
        {
          at,
          message: `expected ${typeNames[issue.expected] ?? issue.expected}, got ${typeOf(got)}.`,
          hint: leaveOut(at),
        },
      ]
    }
    case 'invalid_value':
      return [wrongWord(at, issue.values, valueAt(input, at))]
    case 'too_small':
      return [tooSmall(at, issue)]
    case 'too_big':
      return [{ at, message: `has to be at most ${issue.maximum}.`, hint: leaveOut(at) }]
    default:
      return [{ at, message: `${issue.message}.`, hint: leaveOut(at) }]
  }
}
