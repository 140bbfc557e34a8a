import type { PathSegments } from './problem.ts'
import { configSchema } from './schema.ts'
import type { AnyShape, Definition } from './shape.ts'

/** What is inside defaults and options. */
function definitionOf({ definition }: AnyShape): Definition {
  return definition.type === 'optional' || definition.type === 'default'
    ? definitionOf(definition.inner)
    : definition
}

function step(shape: AnyShape, segment: string | number): AnyShape | undefined {
  const definition = definitionOf(shape)
  switch (definition.type) {
    case 'object':
      return Object.hasOwn(definition.fields, segment) ? definition.fields[segment] : definition.others
    case 'record':
      return definition.value
    case 'array':
      return definition.element
    case 'union':
      return definition.options.map(option => step(option, segment)).find(found => found !== undefined)
    default:
      return undefined
  }
}

function shapeAt(path: PathSegments): AnyShape | undefined {
  let shape: AnyShape | undefined = configSchema
  for (const segment of path) shape = shape && step(shape, segment)
  return shape
}

/** The keys that may stand in the object at this path. */
export function keysAt(path: PathSegments): readonly string[] {
  const shape = shapeAt(path)
  if (shape === undefined) return []
  const definition = definitionOf(shape)
  const sections = definition.type === 'union' ? definition.options.map(definitionOf) : [definition]
  return sections.flatMap(section => (section.type === 'object' ? Object.keys(section.fields) : []))
}

/** What the field at this path holds, for values that a file can only write in another way. */
export function typeAt(path: PathSegments): 'number' | 'boolean' | 'section' | 'other' {
  const shape = shapeAt(path)
  if (shape === undefined) return 'other'
  const definition = definitionOf(shape)
  switch (definition.type) {
    case 'int':
      return 'number'
    case 'boolean':
      return 'boolean'
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
  const definition = shapeAt(path)?.definition
  if (definition?.type !== 'default' || typeof definition.value === 'object') return undefined
  return String(definition.value)
}
