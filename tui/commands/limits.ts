import { formatLimit } from "../base/format.js"
import { didYouMean } from "../base/nearest.js"
import { parseRate, RATE_FORMS } from "../base/rate.js"
import type { Arguments } from "./arguments.js"
import type { Command } from "./command.js"
import { CommandLineError } from "./command-line-error.js"
import type { Report } from "./report.js"

const DIRECTIONS = ["down", "up"] as const

export const limit: Command = {
  name: "limit",
  arguments: [
    { name: "direction", kind: "direction", optional: true },
    { name: "rate", kind: "rate", optional: true },
  ],
  flags: [],
  summary: 'limit "down" or "up" to a rate ("limit down 10MB/s", "limit up none"); without words show the limits',
  async run(given, { client, report }) {
    const direction = directionOf(given)
    if (direction !== undefined) {
      const bytesPerSecond = rateOf(given)
      client.setLimits(
        direction === "down" ? { downBytesPerSecond: bytesPerSecond } : { upBytesPerSecond: bytesPerSecond },
      )
    }
    report(limitsReport(client.snapshot().limits))
  },
}

function directionOf(given: Arguments): "down" | "up" | undefined {
  const word = given.word("direction")
  if (word === undefined) return undefined
  const direction = DIRECTIONS.find((candidate) => candidate === word.text)
  if (direction !== undefined) return direction
  const hint = didYouMean(word.text, DIRECTIONS)
  throw new CommandLineError("bad_argument", `limit "down" or "up", not "${word.text}"${hint}`, word.span)
}

function rateOf(given: Arguments): number | null {
  const word = given.word("rate")
  if (word === undefined) throw new CommandLineError("missing_argument", `rate is missing: ${RATE_FORMS}`, undefined)
  const rate = parseRate(word.text)
  if (rate !== undefined) return rate
  throw new CommandLineError("bad_argument", `"${word.text}" is no rate; allowed: ${RATE_FORMS}`, word.span)
}

function limitsReport(limits: {
  readonly downBytesPerSecond: number | undefined
  readonly upBytesPerSecond: number | undefined
}): Report {
  const { downBytesPerSecond, upBytesPerSecond } = limits
  return {
    event: "limits",
    lines: [`limits: down ${formatLimit(downBytesPerSecond)}, up ${formatLimit(upBytesPerSecond)}`],
    fields: {
      down_bytes_per_second: downBytesPerSecond ?? null,
      up_bytes_per_second: upBytesPerSecond ?? null,
    },
  }
}
