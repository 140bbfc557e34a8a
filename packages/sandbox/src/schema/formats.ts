// The string formats that strict schemas may name, with a value of each.

export const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T12:00:00Z',
  time: '12:00:00Z',
  date: '2026-01-01',
  duration: 'P1DT2H',
  email: 'sandbox@example.com',
  hostname: 'sandbox.example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
}

/** Formats that only schemas without `strict` may name. */
export const LOOSE_FORMATS: Readonly<Record<string, string>> = {
  uri: 'https://example.com/sandbox',
  url: 'https://example.com/sandbox',
  'uri-reference': '/sandbox',
  'json-pointer': '/sandbox',
  regex: '^sandbox$',
  byte: 'c2FuZGJveA==',
}
