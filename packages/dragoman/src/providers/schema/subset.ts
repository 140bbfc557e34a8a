import type { Evidence, SchemaSubsetId } from '../profile.ts'
import { type Keyword, keywords, type Treatment } from './keyword.ts'

/** The part of JSON Schema that one wire takes. */
export interface Subset {
  readonly id: SchemaSubsetId
  readonly evidence: Evidence
  /** Where they differ from the table of keywords. */
  readonly treatments: { readonly [K in Keyword]?: Treatment }
  /**
   * Whether definitions may refer to themselves, may do so from a property that is not required, may refer to others
   * only, or have to be written out where they are used.
   */
  readonly references: 'recursive' | 'optionally-recursive' | 'acyclic' | 'inlined'
  /** How several types of one value are said; `nullable` is OpenAPI's flag. */
  readonly unions: 'type-list' | 'nullable'
  /** Whether a value may have any type. */
  readonly untyped: 'kept' | 'refused'
  readonly objects: {
    /** `closed`: only declared properties, and it has to be said; `implied`: only those, and it must not be said. */
    readonly extra: 'kept' | 'closed' | 'implied'
    /** Whether a property may stay away, or has to be there and may be null. */
    readonly optional: 'kept' | 'nullable'
  }
  /** Whether an answer may be anything, an object, or an object with at least one required property. */
  readonly root: 'any' | 'object' | 'required-property'
  /** Types of the values an enumeration may list. */
  readonly enumTypes: readonly string[]
  /** Formats it knows; absent means any. */
  readonly formats?: readonly string[]
  /** The largest `minItems` it takes. */
  readonly minItems?: number
  readonly limits: SchemaLimits
}

/** Sizes beyond which the wire refuses a schema, over the whole document. */
export interface SchemaLimits {
  readonly properties?: number
  readonly optional?: number
  readonly unions?: number
  readonly enumValues?: number
  /** Objects and arrays inside one another. */
  readonly depth?: number
}

export const treatmentOf = (subset: Subset, keyword: Keyword): Treatment =>
  subset.treatments[keyword] ?? keywords[keyword]

export const keeps = (subset: Subset, keyword: Keyword): boolean => treatmentOf(subset, keyword) === 'kept'
