const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
}

const RATE = /^(\d+(?:\.\d+)?)\s*([kmg]i?)?b?(?:\/s)?$/i

/** Does a rate say what it counts? "none" needs none. */
export function hasUnit(text: string): boolean {
  return !/^\s*[\d.]+\s*$/.test(text)
}

/** What a rate may look like, for messages about one that doesn't. */
export const RATE_FORMS = '"10MB/s", "512KiB/s", a number of bytes per second, or "none"'

/**
 * Parses a rate limit: "10MB/s" (10,000,000), "512KiB", "1.5m", "300000"; "none" and "off" lift it (null).
 * Bytes per second, at least 1; undefined when the text is no rate.
 */
export function parseRate(text: string): number | null | undefined {
  const trimmed = text.trim()
  if (/^(none|off|unlimited)$/i.test(trimmed)) return null
  const match = RATE.exec(trimmed)
  if (match === null) return undefined
  const bytesPerSecond = Math.round(Number(match[1]) * (FACTORS[(match[2] ?? "").toLowerCase()] ?? Number.NaN))
  return bytesPerSecond >= 1 && Number.isSafeInteger(bytesPerSecond) ? bytesPerSecond : undefined
}
