/** Headers as any runtime has them. */
interface HeaderReader {
  get(name: string): string | null
}

/**
 * Milliseconds that a server asks to wait: `retry-after-ms`, which SDKs and hosts use among themselves, else
 * `retry-after` in seconds or as a date (RFC 9110, 10.2.3), which counts from the response's own `date`: the clocks of
 * two machines differ.
 */
export function readRetryAfter(headers: HeaderReader): number | undefined {
  const exact = Number.parseFloat(headers.get('retry-after-ms') ?? '')
  if (exact >= 0) return exact
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  // A date starts with its weekday; engines take other things for dates, such as "-7".
  if (!/^[a-z]/i.test(text)) return undefined
  const sent = Date.parse(headers.get('date') ?? '')
  const until = Date.parse(text) - (Number.isNaN(sent) ? Date.now() : sent)
  return Number.isNaN(until) ? undefined : Math.max(0, until)
}
