import { configSchema } from './schema.ts'
import type { AnyShape, Definition } from './shape.ts'

/** The published JSON Schema: what may be written in a file, for editors and generators of configurations. */
export function configJsonSchema(): object {
  return {
    title: 'Dragoman configuration, version 1',
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...schemaOf(configSchema),
  }
}

type Schema = { readonly [keyword: string]: unknown }

/** Keywords whose value is undefined do not get into JSON. */
function schemaOf({ definition, description }: AnyShape): Schema {
  return { ...(description === undefined ? {} : { description }), ...keywordsOf(definition) }
}

function keywordsOf(definition: Definition): Schema {
  switch (definition.type) {
    case 'string':
      return { type: 'string', minLength: definition.least, pattern: definition.pattern?.regex.source }
    case 'int':
      return { type: 'integer', minimum: definition.least, maximum: definition.most }
    case 'boolean':
      return { type: 'boolean' }
    case 'enum':
      return { type: typeof definition.values[0], enum: definition.values }
    case 'literal':
      return { type: typeof definition.values[0], const: definition.values[0] }
    case 'object':
      return objectKeywords(definition)
    case 'record':
      return {
        type: 'object',
        propertyNames: { type: 'string' },
        additionalProperties: schemaOf(definition.value),
      }
    case 'array':
      return { type: 'array', minItems: definition.least, items: schemaOf(definition.element) }
    case 'union':
      return { anyOf: definition.options.map(schemaOf) }
    case 'optional':
      return schemaOf(definition.inner)
    case 'default':
      return { default: definition.value, ...schemaOf(definition.inner) }
  }
}

const mayBeAbsent = ({ definition }: AnyShape) =>
  definition.type === 'optional' || definition.type === 'default'

function objectKeywords({ fields, others }: Extract<Definition, { type: 'object' }>): Schema {
  const entries = Object.entries(fields)
  const required = entries.filter(([, field]) => !mayBeAbsent(field)).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, field]) => [name, schemaOf(field)])),
    required: required.length === 0 ? undefined : required,
    additionalProperties: others === undefined ? false : schemaOf(others),
  }
}
