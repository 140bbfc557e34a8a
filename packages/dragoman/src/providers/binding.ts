import type { Operation } from '../core/call.ts'
import type { DialectId } from '../ir/extra.ts'
import type { Evidence } from './profile.ts'

/** Where a provider puts what a dialect leaves open: paths, version and beta headers. */
export interface Binding {
  readonly dialect: DialectId
  /** Below the base URL. */
  readonly paths: { readonly [O in Operation]?: string }
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
