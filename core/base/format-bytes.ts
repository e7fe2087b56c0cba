const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const

/** "0 B", "1023 B", "1.50 KiB", "23.4 MiB", "512 GiB": binary units, three digits, at most 8 characters up to 1023 PiB. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  // 1,023.5 would be rounded to "1024": take the next unit a little earlier.
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${UNITS[unit]}`
}

/** "23.4 MiB/s", at most 10 characters. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** "1.25", "12.5", "125". */
export function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2)
  if (value < 99.95) return value.toFixed(1)
  return value.toFixed(0)
}

/** 1204 as "1,204". */
export function formatCount(count: number): string {
  // By hand: the first use of a locale costs a client tens of milliseconds.
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",")
}
