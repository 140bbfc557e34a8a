import { z } from 'zod'
import { configSchema } from './schema.ts'

/** The published JSON Schema: what may be written in a file, for editors and generators of configurations. */
export function configJsonSchema(): object {
  return {
    title: 'Dragoman configuration, version 1',
    ...z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' }),
  }
}
