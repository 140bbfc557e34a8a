import { expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configJsonSchema } from '../../src/config/json-schema.ts'

const file = join(import.meta.dir, 'config.schema.json')

// A change here is a change of what users may write in their files. UPDATE_PINS=1 takes it.
test('the published schema of the configuration is the pinned one', () => {
  const schema = `${JSON.stringify(configJsonSchema(), null, 2)}\n`
  if (process.env.UPDATE_PINS) writeFileSync(file, schema)
  expect(schema).toBe(readFileSync(file, 'utf8'))
})

test('every field of the published schema says what it is for', () => {
  const silent: string[] = []
  const visit = (schema: unknown, path: string) => {
    if (typeof schema !== 'object' || schema === null) return
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties') {
        for (const [name, field] of Object.entries(value as object)) {
          // properties of a JSON Schema
          if (typeof field?.description !== 'string') silent.push(`${path}.${name}`)
          visit(field, `${path}.${name}`)
        }
      } else visit(value, `${path}/${key}`)
    }
  }
  visit(configJsonSchema(), '')
  expect(silent).toEqual([])
})
