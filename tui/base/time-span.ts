const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Longest span: what a timer of the system holds, in whole days. */
const MAX_SECONDS = 24 * 86_400

/** What a span of time may look like, for messages about one that doesn't. */
export const TIME_SPAN_FORMS = '"90s", "30m", "2h" or "1d", from 1s to 24d'

/** Parses "90s", "30m", "1.5h", "2d"; a number alone is seconds. Milliseconds; undefined when the text is no such span. */
export function parseTimeSpan(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/i.exec(text.trim())
  if (match === null) return undefined
  const seconds = Number(match[1]) * (SECONDS[(match[2] || "s").toLowerCase()] ?? Number.NaN)
  return seconds >= 1 && seconds <= MAX_SECONDS ? Math.round(seconds * 1_000) : undefined
}
