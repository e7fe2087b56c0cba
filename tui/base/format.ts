import { formatRate, threeDigits } from "../../core/index.js"

export { formatBytes, formatCount, formatRate } from "../../core/index.js"

const LIMIT_UNITS: readonly (readonly [string, number])[] = [
  ["GB/s", 1e9],
  ["GiB/s", 1024 ** 3],
  ["MB/s", 1e6],
  ["MiB/s", 1024 ** 2],
  ["kB/s", 1e3],
  ["KiB/s", 1024],
]

/** A limit as it was most likely typed, "10 MB/s" or "512 KiB/s": in the largest unit that needs two digits behind the point at most. */
export function formatLimit(bytesPerSecond: number | undefined): string {
  if (bytesPerSecond === undefined) return "unlimited"
  for (const [unit, factor] of LIMIT_UNITS) {
    const hundredths = (bytesPerSecond / factor) * 100
    if (hundredths >= 100 && Math.abs(hundredths - Math.round(hundredths)) < 1e-6)
      return `${Math.round(hundredths) / 100} ${unit}`
  }
  return formatRate(bytesPerSecond)
}

/** "12s", "3m04s", "1h02m", "2d03h", "99d+"; "-" when unknown. At most 6 characters. */
export function formatDuration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return "-"
  const whole = Math.ceil(Math.max(0, seconds))
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m${twoDigits(whole % 60)}s`
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h${twoDigits(Math.floor((whole % 3600) / 60))}m`
  const days = Math.floor(whole / 86_400)
  return days >= 100 ? "99d+" : `${days}d${twoDigits(Math.floor((whole % 86_400) / 3600))}h`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0")
}

/** How much of a whole is done, in [0, 1]; an empty whole is done. */
export function fractionOf(done: number, total: number): number {
  if (total <= 0) return 1
  return Math.min(1, Math.max(0, done / total))
}

/** "45.0 %", "100 %". Rounded down, so that "100 %" is only said when nothing is missing. At most 6 characters. */
export function formatPercent(done: number, total: number): string {
  const perMille = Math.floor(fractionOf(done, total) * 1000)
  return perMille === 1000 ? "100 %" : `${Math.floor(perMille / 10)}.${perMille % 10} %`
}

/** Uploaded bytes for each byte of the document: "1.25"; "-" for an empty document. */
export function formatRatio(uploadedBytes: number, sizeBytes: number): string {
  return sizeBytes <= 0 ? "-" : threeDigits(uploadedBytes / sizeBytes)
}
