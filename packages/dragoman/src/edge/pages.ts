import type { Principal } from '../core/call.ts'
import type { DialectId } from '../ir/extra.ts'
import type { Fault, Parsed } from '../ir/fault.ts'
import { decodePath } from './routes.ts'

/** A visit to a page: everything that carries no call of a model. */
export interface Visit {
  readonly request: Request
  /** Unguessable, and told to the visitor as `x-request-id`. */
  readonly id: string
  readonly path: string
  readonly query: string
  /** What the `{names}` of the page's path stand for, decoded. */
  readonly params: { readonly [name: string]: string }
  /** The dialect in which to speak. */
  readonly dialect: DialectId
  readonly principal: Principal
  json(body: object, status?: number): Response
  fail(fault: Fault): Response
}

type Handle = (visit: Visit) => Response | Promise<Response>

/** A path with its methods. `{name}` is one segment, `{name*}` the rest of the path. */
export interface Page {
  readonly path: string
  /** Needs no key. */
  readonly isOpen?: true
  readonly methods: { readonly [method: string]: Handle }
}

export interface FoundPage {
  readonly page: Page
  readonly params: Visit['params']
}

/** Who visits: asked only where the page is not open. */
export type Identify = () => Parsed<Principal> | Promise<Parsed<Principal>>

/** Finds pages by path; fixed paths win over those with names, longer ones over shorter ones. */
export class Pages {
  readonly #fixed: ReadonlyMap<string, Page>
  readonly #named: readonly { readonly page: Page; readonly segments: readonly string[] }[]

  constructor(pages: readonly Page[]) {
    this.#fixed = new Map(pages.map(page => [page.path, page]))
    this.#named = pages
      .filter(page => page.path.includes('{'))
      .map(page => ({ page, segments: page.path.split('/') }))
      .sort((one, other) => fixedSegments(other.segments) - fixedSegments(one.segments))
  }

  /** Paths without names, to suggest to somebody who mistyped one. */
  get fixedPaths(): readonly string[] {
    return [...this.#fixed.keys()].filter(path => !path.includes('{'))
  }

  find(path: string): FoundPage | undefined {
    const fixed = this.#fixed.get(path)
    if (fixed !== undefined) return { page: fixed, params: {} }
    const parts = path.split('/')
    for (const { page, segments } of this.#named) {
      const params = match(segments, parts)
      if (params !== undefined) return { page, params }
    }
    return undefined
  }
}

const fixedSegments = (segments: readonly string[]): number =>
  segments.filter(segment => !segment.startsWith('{')).length

function match(segments: readonly string[], parts: readonly string[]): Visit['params'] | undefined {
  const params: { [name: string]: string } = {}
  for (const [at, segment] of segments.entries()) {
    const part = parts[at]
    if (part === undefined) return undefined
    if (!segment.startsWith('{')) {
      if (segment !== part) return undefined
    } else if (segment.endsWith('*}')) {
      params[segment.slice(1, -2)] = decodePath(parts.slice(at).join('/'))
      return parts[at] === '' ? undefined : params
    } else {
      if (part === '') return undefined
      params[segment.slice(1, -1)] = decodePath(part)
    }
  }
  return parts.length === segments.length ? params : undefined
}
