import type { DocumentSnapshot, LimitChange, Limits } from "../../core/index.js"
import { formatLimit } from "../base/format.js"
import { didYouMean } from "../base/nearest.js"
import { hasUnit, parseRate, RATE_FORMS } from "../base/rate.js"
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
    { name: "document", kind: "document", optional: true },
  ],
  flags: [],
  summary:
    'limit "down" or "up" of all documents or of one ("limit down 10MB/s", "limit up 1MB/s a.iso", "limit none"); without words show the limits',
  async run(given, { client, report }) {
    const { change, document: word } = wishOf(given)
    const named = word === undefined ? undefined : client.find(word)
    if (change !== undefined) client.setLimits(change, named?.id)
    const { limits, documents } = client.snapshot()
    const document = documents.find(({ id }) => id === named?.id)
    report(document === undefined ? limitsReport(limits, documents) : documentReport(document))
  },
}

interface Wish {
  readonly change: LimitChange | undefined
  readonly document: string | undefined
}

function wishOf(given: Arguments): Wish {
  const word = given.word("direction")
  if (word === undefined) return { change: undefined, document: undefined }
  // "limit none" lifts both, of all or of the document that follows.
  if (parseRate(word.text) === null) {
    const change = { downBytesPerSecond: null, upBytesPerSecond: null }
    return { change, document: given.optional("rate") }
  }
  const direction = DIRECTIONS.find((candidate) => candidate === word.text)
  if (direction === undefined) {
    const hint = didYouMean(word.text, DIRECTIONS)
    throw new CommandLineError("bad_argument", `limit "down" or "up", not "${word.text}"${hint}`, word.span)
  }
  const { rate, document } = rateOf(given)
  return { change: direction === "down" ? { downBytesPerSecond: rate } : { upBytesPerSecond: rate }, document }
}

/** "10 MB/s" is one rate in two words. */
function rateOf(given: Arguments): { readonly rate: number | null; readonly document: string | undefined } {
  const word = given.word("rate")
  if (word === undefined) throw new CommandLineError("missing_argument", `rate is missing: ${RATE_FORMS}`, undefined)
  const next = given.optional("document")
  const isUnit = !hasUnit(word.text) && next !== undefined && parseRate(`${word.text}${next}`) !== undefined
  const text = isUnit ? `${word.text}${next}` : word.text
  const rate = parseRate(text)
  if (rate === undefined)
    throw new CommandLineError("bad_argument", `"${text}" is no rate; allowed: ${RATE_FORMS}`, word.span)
  if (rate !== null && !hasUnit(text)) {
    const hint = `${text}MB/s, ${text}KiB/s or ${text}B/s`
    throw new CommandLineError("bad_argument", `"${text}" has no unit: ${hint}?`, word.span)
  }
  return { rate, document: isUnit ? undefined : next }
}

function limitsReport(limits: Limits, documents: readonly DocumentSnapshot[]): Report {
  const own = documents.filter((each) => isLimited(each.limits))
  return {
    event: "limits",
    lines: [...own.map((each) => `${each.name}: ${words(each.limits)}`), `limits: ${words(limits)}`],
    fields: { ...fields(limits), documents: own.map(({ id, name, limits: its }) => ({ id, name, ...fields(its) })) },
  }
}

function documentReport({ id, name, limits }: DocumentSnapshot): Report {
  return { event: "limits", lines: [`limits of ${name}: ${words(limits)}`], fields: { id, name, ...fields(limits) } }
}

function isLimited({ downBytesPerSecond, upBytesPerSecond }: Limits): boolean {
  return downBytesPerSecond !== undefined || upBytesPerSecond !== undefined
}

function words({ downBytesPerSecond, upBytesPerSecond }: Limits): string {
  return `down ${formatLimit(downBytesPerSecond)}, up ${formatLimit(upBytesPerSecond)}`
}

function fields({ downBytesPerSecond, upBytesPerSecond }: Limits): Record<string, unknown> {
  return { down_bytes_per_second: downBytesPerSecond ?? null, up_bytes_per_second: upBytesPerSecond ?? null }
}
