import type { JsonObject } from '@dragoman/fixtures'

/** The oracle's readers: they are not the gateway's own, so that a mistake there is not repeated here. */
export const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const listOf = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isRecord) : []

export const objectOf = (value: unknown): JsonObject => (isRecord(value) ? value : {})

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Whether every object of a schema is closed, which structured outputs of both vendors want. */
export function isClosed(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isClosed)
  if (!isRecord(schema)) return true
  const inner = [...Object.values(objectOf(schema.properties)), schema.items, schema.anyOf]
  return (schema.type !== 'object' || schema.additionalProperties === false) && inner.every(isClosed)
}
