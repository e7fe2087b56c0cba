/**
 * One parameter of a request's query, still percent-encoded: BEP 3 puts raw bytes (info_hash) in it, which are no
 * UTF-8 and which URLSearchParams would spoil. The first of two of a name counts; undefined when there is none. A tracker
 * reads few of the parameters that clients send, so the others are not parsed.
 */
export function parameterOf(url: string, name: string): string | undefined {
  return parameterFrom(url, name, url.indexOf("?"))?.value
}

/** All values of a name in order, `limit` at most. */
export function parametersOf(url: string, name: string, limit: number): readonly string[] {
  const values: string[] = []
  let start = url.indexOf("?")
  while (values.length < limit) {
    const found = parameterFrom(url, name, start)
    if (found === undefined) break
    values.push(found.value)
    start = found.end
  }
  return values
}

/** The first one behind `start`, the place of a "?" or "&", and where it ends; -1 for its end is that of the query. */
function parameterFrom(url: string, name: string, start: number): { value: string; end: number } | undefined {
  if (start === -1) return undefined
  const wanted = `${name}=`
  let at = url.indexOf(wanted, start + 1)
  // It may be the end of a longer name, or a piece of a value.
  while (at !== -1 && at !== start + 1 && url[at - 1] !== "&") at = url.indexOf(wanted, at + 1)
  if (at === -1) return undefined
  const end = url.indexOf("&", at)
  return { value: url.slice(at + wanted.length, end === -1 ? undefined : end), end }
}

/** Undoes percent-encoding into bytes; "+" stays as it is, as BEP 3's clients mean it. */
export function percentDecode(text: string): Buffer {
  const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(decoded, "latin1")
}
