import { describe, expect, test } from 'bun:test'
import { findDialect } from '../../src/dialects/registry.ts'
import { createFault, type FaultCode, faultCodes } from '../../src/ir/fault.ts'
import type { JsonObject } from '../../src/ir/json.ts'

// The errors that callers branch on. A change here is a change of what their code sees: say so in the commit.

/** What OpenAI's dialects say, and Anthropic's; `retry` is the header `x-should-retry`, null where there is none. */
type Row = readonly [
  origin: 'client' | 'gateway' | 'upstream',
  retryable: boolean,
  openai: readonly [status: number, type: string, code: string | null, retry: string | null],
  anthropic: readonly [status: number, type: string, retry: string],
]

const table: { readonly [C in FaultCode]: Row } = {
  invalid_request: [
    'client',
    false,
    [400, 'invalid_request_error', null, null],
    [400, 'invalid_request_error', 'false'],
  ],
  unsupported_parameter: [
    'client',
    false,
    [400, 'invalid_request_error', 'unsupported_parameter', null],
    [400, 'invalid_request_error', 'false'],
  ],
  unsupported_value: [
    'client',
    false,
    [400, 'invalid_request_error', 'unsupported_value', null],
    [400, 'invalid_request_error', 'false'],
  ],
  unsupported_operation: [
    'client',
    false,
    [400, 'invalid_request_error', 'unsupported_operation', null],
    [400, 'invalid_request_error', 'false'],
  ],
  unsupported_tool: [
    'client',
    false,
    [400, 'invalid_request_error', 'unsupported_tool', null],
    [400, 'invalid_request_error', 'false'],
  ],
  context_length_exceeded: [
    'client',
    false,
    [400, 'invalid_request_error', 'context_length_exceeded', null],
    [400, 'invalid_request_error', 'false'],
  ],
  content_filtered: [
    'client',
    false,
    [400, 'invalid_request_error', 'content_filter', null],
    [400, 'invalid_request_error', 'false'],
  ],
  model_not_found: [
    'client',
    false,
    [404, 'invalid_request_error', 'model_not_found', null],
    [404, 'not_found_error', 'false'],
  ],
  ambiguous_model: [
    'client',
    false,
    [400, 'invalid_request_error', 'ambiguous_model', null],
    [400, 'invalid_request_error', 'false'],
  ],
  not_found: ['client', false, [404, 'invalid_request_error', null, null], [404, 'not_found_error', 'false']],
  method_not_allowed: [
    'client',
    false,
    [405, 'invalid_request_error', null, null],
    [405, 'invalid_request_error', 'false'],
  ],
  unsupported_media_type: [
    'client',
    false,
    [415, 'invalid_request_error', null, null],
    [415, 'invalid_request_error', 'false'],
  ],
  request_too_large: [
    'client',
    false,
    [413, 'invalid_request_error', 'request_too_large', null],
    [413, 'request_too_large', 'false'],
  ],
  headers_too_large: [
    'client',
    false,
    [431, 'invalid_request_error', 'headers_too_large', null],
    [431, 'invalid_request_error', 'false'],
  ],
  request_timeout: [
    'client',
    false,
    [408, 'invalid_request_error', 'request_timeout', 'false'],
    [408, 'timeout_error', 'false'],
  ],
  missing_credentials: [
    'client',
    false,
    [401, 'invalid_request_error', null, null],
    [401, 'authentication_error', 'false'],
  ],
  invalid_credentials: [
    'client',
    false,
    [401, 'invalid_request_error', 'invalid_api_key', null],
    [401, 'authentication_error', 'false'],
  ],
  ambiguous_credentials: [
    'client',
    false,
    [400, 'invalid_request_error', 'ambiguous_credentials', null],
    [400, 'invalid_request_error', 'false'],
  ],
  permission_denied: [
    'client',
    false,
    [403, 'invalid_request_error', 'permission_denied', null],
    [403, 'permission_error', 'false'],
  ],
  rate_limited: [
    'upstream',
    true,
    [429, 'requests', 'rate_limit_exceeded', null],
    [429, 'rate_limit_error', 'true'],
  ],
  quota_exhausted: [
    'upstream',
    false,
    [429, 'insufficient_quota', 'insufficient_quota', 'false'],
    [402, 'billing_error', 'false'],
  ],
  conflict: [
    'client',
    false,
    [409, 'invalid_request_error', 'conflict', 'false'],
    [409, 'conflict_error', 'false'],
  ],
  loop_detected: [
    'gateway',
    false,
    [508, 'server_error', 'loop_detected', 'false'],
    [508, 'api_error', 'false'],
  ],
  upstream_auth: [
    'upstream',
    false,
    [502, 'server_error', 'upstream_auth', 'false'],
    [502, 'api_error', 'false'],
  ],
  upstream_unreachable: [
    'upstream',
    true,
    [502, 'server_error', 'upstream_unreachable', null],
    [502, 'api_error', 'true'],
  ],
  upstream_timeout: [
    'upstream',
    true,
    [504, 'server_error', 'upstream_timeout', null],
    [504, 'timeout_error', 'true'],
  ],
  upstream_stalled: [
    'upstream',
    true,
    [504, 'server_error', 'upstream_stalled', null],
    [504, 'timeout_error', 'true'],
  ],
  upstream_disconnected: [
    'upstream',
    true,
    [502, 'server_error', 'upstream_disconnected', null],
    [502, 'api_error', 'true'],
  ],
  upstream_invalid: [
    'upstream',
    true,
    [502, 'server_error', 'upstream_invalid', null],
    [502, 'api_error', 'true'],
  ],
  upstream_error: ['upstream', true, [502, 'server_error', null, null], [502, 'api_error', 'true']],
  overloaded: [
    'upstream',
    true,
    [503, 'server_error', 'overloaded', null],
    [529, 'overloaded_error', 'true'],
  ],
  shutting_down: ['gateway', true, [503, 'server_error', 'shutting_down', null], [503, 'api_error', 'true']],
  unavailable: ['gateway', true, [503, 'server_error', 'unavailable', null], [503, 'api_error', 'true']],
  internal: ['gateway', false, [500, 'server_error', null, 'false'], [500, 'api_error', 'false']],
}

const codes = Object.keys(table) as FaultCode[] // the keys of the table are the type

/** The error object of a rendering, as far as it is pinned. */
interface Shown {
  readonly type: string
  readonly code?: string | null
  readonly param?: string | null
  readonly message: string
  readonly details?: JsonObject
}

function render(dialect: 'openai-chat' | 'openai-responses' | 'anthropic-messages', code: FaultCode) {
  const rendering = findDialect(dialect)?.encodeError(
    createFault(code, 'A sentence.', { param: 'field' }),
    'id1',
  )
  if (rendering === undefined) throw new Error(`${dialect} is not there`)
  const shown = rendering.body.error as unknown as Shown // every dialect's body has an error object
  return { status: rendering.status, headers: rendering.headers, body: rendering.body, shown }
}

test('every code has a row, and every row a code', () => {
  expect(codes.toSorted()).toEqual((Object.keys(faultCodes) as FaultCode[]).toSorted()) // the keys of a record over FaultCode
})

describe.each(codes)('%s', code => {
  const [origin, retryable, openai, anthropic] = table[code]

  test('is whose doing, and may pass or not', () => {
    expect(createFault(code, 'x')).toMatchObject({ origin, retryable })
  })

  test.each(['openai-chat', 'openai-responses'] as const)('in the words of %s', dialect => {
    const { status, headers, body, shown } = render(dialect, code)
    expect([status, shown.type, shown.code ?? null, headers['x-should-retry'] ?? null]).toEqual([...openai])
    expect(Object.keys(body)).toEqual(['error'])
    expect(shown).toMatchObject({ message: 'A sentence.', param: 'field' })
    expect(Object.keys(shown).toSorted()).toEqual(['code', 'message', 'param', 'type'])
    expect(headers['x-request-id']).toBe('id1')
  })

  test('in the words of anthropic-messages', () => {
    const { status, headers, body, shown } = render('anthropic-messages', code)
    expect([status, shown.type, headers['x-should-retry'] ?? '']).toEqual([...anthropic])
    expect(body).toMatchObject({ type: 'error', request_id: 'id1' })
    expect(shown).toMatchObject({ message: 'A sentence.', details: { error_code: code, param: 'field' } })
    expect(headers['request-id']).toBe('id1')
  })
})
