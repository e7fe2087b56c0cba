import type { DocumentSnapshot, MachineSnapshot, SwarmStatus } from "../../core/index.js"
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from "../base/format.js"
import type { Arguments } from "./arguments.js"
import type { Command } from "./command.js"
import { CommandLineError } from "./command-line-error.js"
import type { Report } from "./report.js"

/** Most machines that a tracker lists. */
export const MAX_MACHINES = 10_000

export const status: Command = {
  name: "status",
  arguments: [{ name: "document", kind: "document" }],
  flags: [{ name: "--limit", value: "n", summary: "machines listed at most; 1,000 by default, up to 10,000" }],
  summary: "how far each machine is that has or fetches a document, as its tracker knows",
  async run(given, { client, report, signal }) {
    const document = client.find(given.required("document"))
    const limit = wholeNumber(given, "--limit", { least: 0, most: MAX_MACHINES })
    const found = await client.status(document.id, { signal, ...(limit !== undefined && { limit }) })
    report(statusReport(document, found))
  },
}

/** The value of a flag as a whole number; undefined when it was not given. Throws CommandLineError "bad_argument". */
export function wholeNumber(
  given: Arguments,
  flag: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const word = given.value(flag)
  if (word === undefined) return undefined
  const value = /^\d{1,15}$/.test(word.text) ? Number(word.text) : Number.NaN
  if (value >= least && value <= most) return value
  const allowed = `a whole number from ${formatCount(least)} to ${formatCount(most)}`
  throw new CommandLineError("bad_argument", `${flag} is "${word.text}"; allowed: ${allowed}`, word.span)
}

function statusReport(document: DocumentSnapshot, found: SwarmStatus): Report {
  const { machines, total, complete, downloading, silent } = found
  const slowest = slowestOf(machines)
  const etaSeconds = slowest && secondsLeft(slowest)
  const rest = total - machines.length
  const lines = [
    ...machines.map((machine) => machineLine(machine, document.sizeBytes)),
    ...(rest > 0 ? [`and ${formatCount(rest)} more`] : []),
    ...found.trackers.flatMap(({ url, problem }) => (problem ? [`${url} did not answer: ${problem.message}`] : [])),
    `${document.name}: ${formatCount(complete)} of ${formatCount(total)} complete, ${formatCount(downloading)} downloading, ${formatCount(silent)} silent${slowestWords(slowest, etaSeconds)}`,
  ]
  return {
    event: "status",
    lines,
    fields: {
      ...{ id: document.id, name: document.name, size_bytes: document.sizeBytes },
      ...{ total, complete, downloading, silent },
      slowest: slowest?.address ?? null,
      eta_seconds: etaSeconds === undefined ? null : Math.ceil(etaSeconds),
      machines: machines.map(machineFields),
      trackers: found.trackers.map(({ url, problem }) => ({ url, problem: problem ?? null })),
    },
  }
}

/** "10.0.0.7:7001 downloading, 45.0 % of 1.00 GiB, 3.10 MiB/s, ETA 12s, heard 3s ago" */
function machineLine(machine: MachineSnapshot, sizeBytes: number): string {
  const { address, state, leftBytes, heardSecondsAgo } = machine
  const heard = `heard ${formatDuration(Math.max(0, heardSecondsAgo))} ago`
  if (state === "complete") return `${address} complete, ${heard}`
  const done = leftBytes === undefined ? "? %" : formatPercent(sizeBytes - leftBytes, sizeBytes)
  const moves = state === "downloading" ? [formatRate(machine.bytesPerSecond), etaWords(secondsLeft(machine))] : []
  return [`${address} ${state}`, `${done} of ${formatBytes(sizeBytes)}`, ...moves, heard].join(", ")
}

function machineFields(machine: MachineSnapshot): Record<string, unknown> {
  return {
    address: machine.address,
    state: machine.state,
    left_bytes: machine.leftBytes ?? null,
    down_bytes_per_second: Math.round(machine.bytesPerSecond),
    heard_seconds_ago: Math.floor(machine.heardSecondsAgo),
  }
}

/** Undefined while it stands still. */
function secondsLeft({ leftBytes, bytesPerSecond }: MachineSnapshot): number | undefined {
  return leftBytes === undefined || bytesPerSecond <= 0 ? undefined : leftBytes / bytesPerSecond
}

/** The machine that will be done last; one that stands still before all others. */
function slowestOf(machines: readonly MachineSnapshot[]): MachineSnapshot | undefined {
  const [first, ...others] = machines.filter(({ state }) => state === "downloading")
  if (first === undefined) return undefined
  const seconds = (machine: MachineSnapshot) => secondsLeft(machine) ?? Number.POSITIVE_INFINITY
  // Of equals the first, which lacks most.
  return others.reduce((slowest, machine) => (seconds(machine) > seconds(slowest) ? machine : slowest), first)
}

function slowestWords(slowest: MachineSnapshot | undefined, etaSeconds: number | undefined): string {
  return slowest === undefined ? "" : `; slowest ${slowest.address}, ${etaWords(etaSeconds)}`
}

function etaWords(seconds: number | undefined): string {
  return `ETA ${formatDuration(seconds)}`
}
