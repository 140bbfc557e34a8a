/**
 * What becomes of a keyword on a wire that takes only a part of JSON Schema.
 *
 * - `kept`: it is sent as it is.
 * - `rewritten`: other keywords say exactly the same.
 * - `weakened`: it is said in the description instead, which asks and does not enforce.
 * - `told`: it constrains nothing and is said in the description.
 * - `left-out`: it says something about the document, not about the answer.
 * - `refused`: leaving it out would ask for something else.
 */
export type Treatment = 'kept' | 'rewritten' | 'weakened' | 'told' | 'left-out' | 'refused'

/**
 * Every keyword of JSON Schema draft 2020-12, a few older ones that generators still write, and what becomes of each
 * where a subset says nothing else. Source: json-schema.org, draft 2020-12, core and validation.
 */
export const keywords = {
  $schema: 'left-out',
  $id: 'left-out',
  $vocabulary: 'left-out',
  $comment: 'left-out',
  $anchor: 'left-out',
  $dynamicAnchor: 'left-out',
  $ref: 'rewritten',
  $dynamicRef: 'rewritten',
  $defs: 'rewritten',
  definitions: 'rewritten',

  allOf: 'rewritten',
  anyOf: 'kept',
  oneOf: 'rewritten',
  not: 'weakened',
  if: 'weakened',
  // biome-ignore lint/suspicious/noThenProperty: that is what the keyword is called
  then: 'weakened',
  else: 'weakened',

  type: 'kept',
  enum: 'kept',
  const: 'rewritten',
  nullable: 'rewritten',

  properties: 'kept',
  required: 'kept',
  additionalProperties: 'refused',
  patternProperties: 'refused',
  propertyNames: 'weakened',
  minProperties: 'weakened',
  maxProperties: 'weakened',
  dependentRequired: 'weakened',
  dependentSchemas: 'weakened',
  dependencies: 'weakened',
  unevaluatedProperties: 'weakened',
  propertyOrdering: 'left-out',

  items: 'kept',
  prefixItems: 'weakened',
  additionalItems: 'weakened',
  contains: 'weakened',
  minContains: 'weakened',
  maxContains: 'weakened',
  minItems: 'weakened',
  maxItems: 'weakened',
  uniqueItems: 'weakened',
  unevaluatedItems: 'weakened',

  minLength: 'weakened',
  maxLength: 'weakened',
  pattern: 'weakened',
  format: 'weakened',
  minimum: 'weakened',
  maximum: 'weakened',
  exclusiveMinimum: 'weakened',
  exclusiveMaximum: 'weakened',
  multipleOf: 'weakened',

  title: 'told',
  description: 'kept',
  default: 'told',
  examples: 'told',
  deprecated: 'told',
  readOnly: 'told',
  writeOnly: 'told',
  contentEncoding: 'told',
  contentMediaType: 'told',
  contentSchema: 'told',
} as const satisfies { readonly [keyword: string]: Treatment }

export type Keyword = keyof typeof keywords

export const isKeyword = (name: string): name is Keyword => Object.hasOwn(keywords, name)
