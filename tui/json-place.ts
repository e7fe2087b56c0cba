/** The value of a JSON text, or in words where it stops being one. */
export type ParsedJson =
  | { readonly value: unknown; readonly fault?: undefined }
  | { readonly value?: undefined; readonly fault: string }

/** Parses JSON. V8 says where a text is wrong only for some faults; people who edit files want line and column of all. */
export function parseJson(text: string): ParsedJson {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    const at = firstFault(text)
    if (at >= text.trimEnd().length) return { fault: "it ends too early" }
    const before = text.slice(0, at).split("\n")
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
    return { fault: `unexpected ${JSON.stringify(text[at])} in ${place}` }
  }
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
