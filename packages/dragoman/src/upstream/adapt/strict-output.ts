import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Adapter } from './adaptation.ts'

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Whether a schema is in OpenAI's strict subset as far as optional properties go: every object is closed and requires
 * all it has. Keywords outside the subset are the upstream's to refuse.
 */
function isStrict(schema: JsonValue): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict)
  if (!isObject(schema)) return true
  const { properties } = schema
  if (schema.type === 'object' || isObject(properties)) {
    const required: JsonValue = schema.required ?? []
    const names = isObject(properties) ? Object.keys(properties) : []
    if (schema.additionalProperties !== false) return false
    if (!Array.isArray(required) || !names.every(name => required.includes(name))) return false
  }
  return Object.values(schema).every(isStrict)
}

/** A guaranteed schema stays one: it is sent as strict where the target's strict mode takes it. */
export const strictOutput: Adapter = (request, context) => {
  const { output } = request
  if (!context.mustStaySchema || output?.kind !== 'json-schema' || output.strict !== undefined)
    return undefined
  const strict = isStrict(output.schema ?? {})
  return {
    id: 'strict-output',
    request: rest => ({
      value: { ...rest, output: { ...output, strict } },
      notes: strict
        ? []
        : [
            {
              kind: 'approximated',
              path: 'output',
              reason:
                'The schema has optional or open properties, which the target’s strict mode does not take: it is followed as well as the model can.',
            },
          ],
    }),
  }
}
