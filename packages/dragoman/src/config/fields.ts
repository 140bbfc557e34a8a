import type { z } from 'zod'
import type { PathSegments } from './problem.ts'
import { configSchema } from './schema.ts'

type Schema = z.core.$ZodType
type Definition = z.core.$ZodTypes['_zod']['def']

/** What a schema consists of; zod types it by the class, which a walk over all classes does not have. */
const definitionOf = (schema: Schema): Definition => schema._zod.def as Definition // the union of all definitions zod has

/** The schema inside defaults, options and transformations. */
function unwrap(schema: Schema): Schema {
  const definition = definitionOf(schema)
  switch (definition.type) {
    case 'optional':
    case 'default':
    case 'prefault':
      return unwrap(definition.innerType)
    case 'pipe':
      return unwrap(definition.in)
    default:
      return schema
  }
}

function step(schema: Schema, segment: string | number): Schema | undefined {
  const definition = definitionOf(unwrap(schema))
  switch (definition.type) {
    case 'object':
      return Object.hasOwn(definition.shape, segment) ? definition.shape[segment] : definition.catchall
    case 'record':
      return definition.valueType
    case 'array':
      return definition.element
    case 'union':
      return definition.options.map(option => step(option, segment)).find(found => found !== undefined)
    default:
      return undefined
  }
}

function schemaAt(path: PathSegments): Schema | undefined {
  let schema: Schema | undefined = configSchema
  for (const segment of path) schema = schema && step(schema, segment)
  return schema
}

/** The keys that may stand in the object at this path. */
export function keysAt(path: PathSegments): readonly string[] {
  const schema = schemaAt(path)
  if (schema === undefined) return []
  const definition = definitionOf(unwrap(schema))
  const objects = definition.type === 'union' ? definition.options.map(unwrap) : [unwrap(schema)]
  return objects.map(definitionOf).flatMap(found => (found.type === 'object' ? Object.keys(found.shape) : []))
}

/** What the field at this path holds, for values that a file can only write in another way. */
export function typeAt(path: PathSegments): 'number' | 'boolean' | 'section' | 'other' {
  const schema = schemaAt(path)
  if (schema === undefined) return 'other'
  const definition = definitionOf(unwrap(schema))
  switch (definition.type) {
    case 'number':
    case 'boolean':
      return definition.type
    case 'object':
    case 'record':
      return 'section'
    case 'literal':
      return typeof definition.values[0] === 'number' ? 'number' : 'other'
    default:
      return 'other'
  }
}

/** The default of the field at this path as it would be written, if it has one. */
export function defaultAt(path: PathSegments): string | undefined {
  const schema = schemaAt(path)
  if (schema === undefined) return undefined
  const definition = definitionOf(schema)
  if (definition.type !== 'default' && definition.type !== 'prefault') return undefined
  return typeof definition.defaultValue === 'object' ? undefined : String(definition.defaultValue)
}
