import type { Operation } from '../core/call.ts'
import type { Framing } from '../core/dialect.ts'
import type { DialectId } from '../ir/extra.ts'
import type { JsonValue } from '../ir/json.ts'
import type { Evidence } from './profile.ts'

/** Where a provider puts what a dialect leaves open: paths, version and beta headers. */
export interface Binding {
  readonly dialect: DialectId
  /** Patterns of the models that this endpoint serves; absent: all of them. */
  readonly models?: readonly string[]
  /** Below the base URL; `{model}` stands for the model's name, percent-encoded. */
  readonly paths: { readonly [O in Operation]?: string }
  /** Where generation is asked for as a stream, where that is another path. */
  readonly streamPath?: string
  /** How streams are framed, where it is not as the dialect frames them. */
  readonly framing?: Framing
  /** What error responses are written in, where that is another wire. */
  readonly errors?: DialectId
  /** The caller's beta header that is a list in the body here. */
  readonly betaField?: { readonly header: string; readonly field: string }
  /** Fields of the dialect's body that this endpoint has elsewhere, in its path: they are left out. */
  readonly omits?: readonly string[]
  /** Fields that go with every body of this binding, such as a version. */
  readonly body?: { readonly [field: string]: JsonValue }
  /** Headers that go with every request of this binding, such as a version. */
  readonly headers?: { readonly [name: string]: string }
  /** The caller's revision header, sent on as it came when the request is relayed. */
  readonly revisionHeader?: string
  /** The caller's beta headers that may travel on in this dialect. */
  readonly betaHeaders?: readonly string[]
  /**
   * That this endpoint speaks the dialect so exactly that bytes may be relayed. Absent: requests and answers are
   * translated through the model, which repairs what the upstream gets wrong.
   */
  readonly relay?: Evidence
}

/** The path below the base URL for an operation on a model. */
export function pathFor(binding: Binding, operation: Operation, model: string, stream: boolean): string {
  const template = (stream ? binding.streamPath : undefined) ?? binding.paths[operation] ?? ''
  if (!template.includes('{')) return template
  // A path may hold an @ as it is (RFC 3986, 3.3), and models named `name@date` are asked for so.
  return template.replace('{model}', () => encodeURIComponent(model).replaceAll('%40', '@'))
}
