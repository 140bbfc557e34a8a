import type { Validator } from '../core/ports.ts'
import type { JsonObject, JsonValue } from '../ir/json.ts'
import { createPattern } from './pattern.ts'

/** What is used of the library; its classes for the drafts have it in common. */
interface Checker {
  compile(schema: object): Check
}

interface Check {
  (value: unknown): boolean
  errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null
}

interface Drafts {
  readonly current: () => Checker
  readonly seventh: () => Checker
}

/** Most problems told of one answer. */
const mostProblems = 3
/** Schemas whose checks are kept; making one costs milliseconds. */
const mostKept = 100

/**
 * Checks by ajv, loaded when first needed. It turns schemas into code, which some runtimes forbid (Workers): there
 * nothing is checked, and `check` says that nobody can tell. Formats are not checked: their definitions differ too much.
 */
export function createAjvValidator(): Validator {
  return new AjvValidator()
}

class AjvValidator implements Validator {
  #drafts: Drafts | undefined
  #loading: Promise<void> | undefined
  /** By the schema's text: every request brings its own copy of the same schema. */
  readonly #checks = new Map<string, Check | undefined>()

  load(): Promise<void> {
    this.#loading ??= loadDrafts().then(
      drafts => {
        this.#drafts = drafts
      },
      () => {
        // Without the library there is no checking; `check` says so.
      },
    )
    return this.#loading
  }

  check(schema: JsonObject, value: JsonValue): readonly string[] | undefined {
    const check = this.#checkOf(schema)
    if (check === undefined) return undefined
    try {
      if (check(value)) return []
    } catch {
      // A schema that refers to itself without end is no measure of anything.
      return undefined
    }
    return (check.errors ?? [])
      .slice(0, mostProblems)
      .map(
        ({ instancePath, message }) =>
          `${instancePath === '' ? 'the answer' : instancePath} ${message ?? 'is wrong'}`,
      )
  }

  #checkOf(schema: JsonObject): Check | undefined {
    const key = JSON.stringify(schema)
    if (this.#checks.has(key)) return this.#checks.get(key)
    const made = this.#drafts === undefined ? undefined : compile(this.#drafts, schema)
    if (this.#checks.size >= mostKept) this.#checks.clear()
    if (this.#drafts !== undefined) this.#checks.set(key, made)
    return made
  }
}

const options = {
  strict: false,
  logger: false,
  validateFormats: false,
  code: { regExp: createPattern },
} as const

async function loadDrafts(): Promise<Drafts> {
  const [{ Ajv2020 }, { Ajv }] = await Promise.all([import('ajv/dist/2020.js'), import('ajv')])
  return { current: () => new Ajv2020(options), seventh: () => new Ajv(options) }
}

/** Its own instance for each schema: an instance remembers every schema it ever saw. */
function compile(drafts: Drafts, schema: JsonObject): Check | undefined {
  const { $schema, $id: _, ...rest } = schema
  const isOld = typeof $schema === 'string' && /draft-0[3-7]/.test($schema)
  const [first, second] = isOld ? [drafts.seventh, drafts.current] : [drafts.current, drafts.seventh]
  return attempt(first, rest) ?? attempt(second, rest)
}

/** Undefined where this draft cannot read the schema. */
function attempt(create: () => Checker, schema: JsonObject): Check | undefined {
  try {
    return create().compile(schema)
  } catch {
    return undefined
  }
}
