/**
 * The parameters of a request's query, still percent-encoded: BEP 3 puts raw bytes (info_hash) in it, which are no
 * UTF-8 and which URLSearchParams would spoil. The first of two of a name counts.
 */
export function parseQuery(url: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  const start = url.indexOf("?")
  if (start === -1) return parameters
  for (const pair of url.slice(start + 1).split("&")) {
    const equals = pair.indexOf("=")
    const name = equals === -1 ? pair : pair.slice(0, equals)
    if (!parameters.has(name)) parameters.set(name, equals === -1 ? "" : pair.slice(equals + 1))
  }
  return parameters
}

/** Undoes percent-encoding into bytes; "+" stays as it is, as BEP 3's clients mean it. */
export function percentDecode(text: string): Buffer {
  const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(decoded, "latin1")
}
