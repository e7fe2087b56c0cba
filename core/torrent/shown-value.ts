const MAX_SHOWN_CHARS = 60

/**
 * A received value as it may stand in a message: short, and without any character that steers a terminal (control,
 * format and bidi characters). Lists and objects are only named: they may be deep or large.
 */
export function shownValue(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === "object" && value !== null) return "an object"
  if (typeof value === "string") return shownText(value)
  return Object.is(value, -0) ? "-0" : String(value)
}

function shownText(text: string): string {
  const quoted = JSON.stringify(text.slice(0, MAX_SHOWN_CHARS))
  const safe = quoted.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
  return text.length > MAX_SHOWN_CHARS ? `${safe}…` : safe
}
