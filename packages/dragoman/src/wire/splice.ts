import type { JsonValue } from './json.ts'

/** A change to JSON bytes at a shallow path of object keys. `set` replaces or inserts, `delete` removes where present. */
export type WireEdit =
  | { readonly operation: 'set'; readonly path: readonly string[]; readonly value: JsonValue }
  | { readonly operation: 'delete'; readonly path: readonly string[] }
