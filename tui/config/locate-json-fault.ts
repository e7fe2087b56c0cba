/** The value of a JSON text, or in words where it stops being one. */
export type ParsedJson =
  | { readonly value: unknown; readonly fault?: undefined }
  | { readonly value?: undefined; readonly fault: string }

/** Parses JSON. Finds line and column of every fault, because V8 names the place only of some. */
export function parseJson(text: string): ParsedJson {
  try {
    const value = JSON.parse(text) as unknown
    const twice = firstRepeatedKey(text)
    return twice ? { fault: `the key "${twice.key}" in ${placeOf(text, twice.at)} stands there twice` } : { value }
  } catch {
    const at = firstFault(text)
    if (at >= text.trimEnd().length) return { fault: "it ends too early" }
    const hint = text[at] === "/" ? "; JSON has no comments" : ""
    return { fault: `unexpected ${JSON.stringify(text[at])} in ${placeOf(text, at)}${hint}` }
  }
}

function placeOf(text: string, at: number): string {
  const before = text.slice(0, at).split("\n")
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

/** Of a text that is JSON: JSON.parse takes the last of two keys without a word, and people look at the first. */
function firstRepeatedKey(text: string): { readonly key: string; readonly at: number } | undefined {
  const open: Set<string>[] = []
  for (const match of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g)) {
    const [whole, quoted, colon] = match
    if (whole === "{") open.push(new Set())
    else if (whole === "}") open.pop()
    else if (quoted !== undefined && colon !== undefined) {
      const key = JSON.parse(quoted) as string
      const keys = open.at(-1)
      if (keys?.has(key)) return { key, at: match.index }
      keys?.add(key)
    }
  }
  return undefined
}

/** Offset of the first character that can't stand where it stands; the text's length when only something is missing. */
function firstFault(text: string): number {
  // Whether a beginning is fit to become JSON is monotonic in its length: search by halves.
  let fit = 0
  let unfit = text.length + 1
  while (unfit - fit > 1) {
    const middle = Math.floor((fit + unfit) / 2)
    if (canBecomeJson(text.slice(0, middle))) fit = middle
    else unfit = middle
  }
  return fit
}

function canBecomeJson(beginning: string): boolean {
  try {
    JSON.parse(beginning)
    return true
  } catch (error) {
    const message = error instanceof Error ? error.message : ""
    if (/end of JSON input|^Unterminated/.test(message)) return true
    // Other faults that V8 sees behind the last character are of the same kind: something is still to come.
    return Number(/at position (\d+)/.exec(message)?.[1] ?? -1) >= beginning.length
  }
}
