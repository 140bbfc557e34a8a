import { type JsonObject, readSchema, type SchemaDialect } from '@dragoman/fixtures'
import Ajv, { type ValidateFunction } from 'ajv'

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, verbose: false })
const compiled = new Map<SchemaDialect, ValidateFunction>()

/** Where a value is not what the official SDK's types say; nothing where it is. */
export function misfitsOf(dialect: SchemaDialect, value: JsonObject): readonly string[] {
  let validate = compiled.get(dialect)
  if (validate === undefined) {
    validate = ajv.compile(readSchema(dialect))
    compiled.set(dialect, validate)
  }
  if (validate(value)) return []
  // Of a union every branch complains: the deepest places say where it went wrong.
  const depthOf = (path: string) => path.split('/').length
  const errors = validate.errors ?? []
  const deepest = Math.max(...errors.map(error => depthOf(error.instancePath)))
  const told = errors
    .filter(error => depthOf(error.instancePath) === deepest)
    .map(error => `${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`)
  return [...new Set(told)].slice(0, 8)
}
