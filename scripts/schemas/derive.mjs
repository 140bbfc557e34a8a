#!/usr/bin/env node
// Derives JSON Schemas of request bodies, and of two wires' answers, from the official SDKs' types, into packages/fixtures/schemas.
// `npm run schemas` installs what it needs beside it and runs it; the result is committed, with its provenance.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createGenerator } from 'ts-json-schema-generator'

const here = path => fileURLToPath(new URL(path, import.meta.url))

/** Schema file by the type in requests.ts, the package it comes from, and what its types say differently from the wire. */
const sources = {
  'openai-chat': { type: 'OpenaiChat', from: 'openai' },
  'openai-responses': { type: 'OpenaiResponses', from: 'openai' },
  'openai-responses-event': { type: 'OpenaiResponsesEvent', from: 'openai', mend: withoutOutputText },
  'openai-completions': { type: 'OpenaiCompletions', from: 'openai' },
  'anthropic-messages': { type: 'AnthropicMessages', from: '@anthropic-ai/sdk' },
  gemini: { type: 'Gemini', from: '@google/genai' },
  'gemini-answer': { type: 'GeminiAnswer', from: '@google/genai' },
  'bedrock-converse': {
    type: 'BedrockConverse',
    from: '@aws-sdk/client-bedrock-runtime',
    mend: schema => withBase64(withoutUnknownMembers(schema)),
  },
  cohere: { type: 'Cohere', from: 'cohere-ai', mend: withSnakeCase },
}

const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value with every object in it changed, innermost first. */
function mapObjects(value, change) {
  if (Array.isArray(value)) return value.map(item => mapObjects(item, change))
  if (!isObject(value)) return value
  return change(
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapObjects(inner, change)])),
  )
}

/** Smithy unions have a member for what a newer service says: no request says it. */
function withoutUnknownMembers(schema) {
  const isUnknown = ref => typeof ref === 'string' && ref.endsWith('UnknownMember')
  const kept = mapObjects(schema, object =>
    Array.isArray(object.anyOf)
      ? { ...object, anyOf: object.anyOf.filter(one => !isUnknown(one.$ref)) }
      : object,
  )
  const definitions = Object.entries(kept.definitions).filter(([name]) => !isUnknown(name))
  return { ...kept, definitions: Object.fromEntries(definitions) }
}

/** Byte arrays of the SDK are base64 on a JSON wire; members that a union forbids are `undefined` in its types. */
function withBase64(schema) {
  const isBytes = object => isObject(object.properties) && 'BYTES_PER_ELEMENT' in object.properties
  return mapObjects(schema, object =>
    isBytes(object) ? { type: 'string', contentEncoding: 'base64' } : object,
  )
}

/** This SDK puts `output_text` together itself: it is on no wire. */
function withoutOutputText(schema) {
  return mapObjects(schema, object =>
    Array.isArray(object.required)
      ? { ...object, required: object.required.filter(name => name !== 'output_text') }
      : object,
  )
}

/** This SDK writes camelCase and sends snake_case. */
function withSnakeCase(schema) {
  const snake = name => name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  return mapObjects(schema, object => ({
    ...object,
    ...(isObject(object.properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(object.properties).map(([name, inner]) => [snake(name), inner]),
          ),
        }
      : {}),
    ...(Array.isArray(object.required) ? { required: object.required.map(snake) } : {}),
  }))
}

for (const [name, { type, from, mend = schema => schema }] of Object.entries(sources)) {
  const generator = createGenerator({
    path: here('requests.ts'),
    tsconfig: here('tsconfig.json'),
    type,
    jsDoc: 'none',
    skipTypeCheck: true,
  })
  const { version } = JSON.parse(readFileSync(here(`node_modules/${from}/package.json`), 'utf8'))
  const schema = mend(generator.createSchema(type))
  const derived = { $comment: `Derived from the types of ${from} ${version} by scripts/schemas.`, ...schema }
  writeFileSync(here(`../../packages/fixtures/schemas/${name}.schema.json`), `${JSON.stringify(derived)}\n`)
  process.stdout.write(`${name}: ${Object.keys(schema.definitions).length} definitions, ${from} ${version}\n`)
}
