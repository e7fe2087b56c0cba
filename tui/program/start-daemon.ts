import { type ChildProcess, spawn } from "node:child_process"
import { argv, env, execArgv, execPath } from "node:process"
import { z } from "zod"
import { CommandError, P2pError } from "../../core/index.js"
import { EndedBySignal, exitCodeOfSignal } from "../base/ending-signal.js"
import { ExitCode } from "../base/exit-codes.js"
import { noteReport } from "../commands/event-reports.js"
import type { JournalEntry } from "../commands/journal.js"
import type { Failure, Report } from "../commands/report.js"
import type { Audience } from "../commands/session.js"
import type { ControlLink } from "../control/control-link.js"
import { DAEMON_MARK, type DaemonMessage, sendToForeground } from "./daemon.js"

const messageSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("serving"), reports: z.array(z.custom<Report>()) }),
  z.object({ kind: z.literal("refused"), failures: z.array(z.custom<Failure>()) }),
])

/**
 * Starts this program again in a session of its own, and waits until it serves or has ended. What it says of its start goes to `audience`;
 * resolves to the exit code.
 */
export async function startDaemon(audience: Audience, signal: AbortSignal): Promise<ExitCode> {
  const { npm_command: _, ...environment } = env
  const child = spawn(execPath, [...execArgv, ...argv.slice(1)], {
    detached: true,
    // Crashes are in the log.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...environment, [DAEMON_MARK]: "1" },
  })
  const stop = (): void => void child.kill("SIGTERM")
  signal.addEventListener("abort", stop, { once: true })
  if (signal.aborted) stop()
  const outcome = await firstOf(child)
  signal.removeEventListener("abort", stop)
  if (outcome.kind === "serving") {
    for (const report of outcome.reports) audience.report(report)
    child.disconnect()
    child.unref()
    return ExitCode.ok
  }
  if (outcome.kind === "ended") return tellEnd(outcome.how, audience, signal)
  for (const failure of outcome.failures) audience.failure(failure)
  return codeOf(await ended(child))
}

type Outcome = DaemonMessage | { readonly kind: "ended"; readonly how: number | NodeJS.Signals }

function firstOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      reject(
        new P2pError("daemon_failed", `the client can't be started in the background: ${cause.message}`, { cause }),
      )
    })
    child.once("message", (message) => resolve(messageSchema.parse(message)))
    void ended(child).then((how) => resolve({ kind: "ended", how }))
  })
}

/** Its exit code, or the signal that ended it. */
function ended(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode)
    else if (child.signalCode !== null) resolve(child.signalCode)
    else child.once("close", (code, name) => resolve(code ?? name ?? ExitCode.bug))
  })
}

function tellEnd(how: number | NodeJS.Signals, audience: Audience, signal: AbortSignal): ExitCode {
  const by = typeof how === "number" ? `code ${how}` : how
  const wish = signal.reason instanceof EndedBySignal ? ` after ${signal.reason.signal}` : ""
  const message = `the client in the background ended by ${by} before it served${wish}`
  audience.failure({ code: "daemon_failed", message })
  return exitCodeOfSignal(signal.reason) ?? codeOf(how)
}

function codeOf(how: number | NodeJS.Signals): ExitCode {
  const code = Object.values(ExitCode).find((each) => each === how)
  return code === undefined || code === ExitCode.ok ? ExitCode.bug : code
}

/** What the process in the background has to say of itself, once it serves. */
export interface Serving {
  readonly ready: Report
  readonly logPath: string
  readonly entries: readonly JournalEntry[]
}

/** Tells the process that waits in the foreground, which then ends. */
export function tellServing({ ready, logPath, entries }: Serving): void {
  const { pid } = process
  const lines = [`serving in the background: process ${pid}, log ${logPath}`]
  const started: Report = { event: "daemon_started", lines, fields: { pid, log: logPath } }
  const notes = entries.flatMap((entry) => noteReport(entry) ?? [])
  sendToForeground({ kind: "serving", reports: [ready, ...notes, started] })
  // No folder is kept from being unmounted.
  process.chdir("/")
}

/** How long a client may take that ends with a single command. Our choice. */
const END_WITHIN_MS = 5_000

/** A client that is about to end is waited for; one that runs on can't be started in the background. @throws CommandError "in_use". */
export async function requireEnd(link: ControlLink): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), link.isBrief ? END_WITHIN_MS : 0)
  })
  const first = await Promise.race([link.ended, late])
  clearTimeout(timer)
  link.close()
  if (first !== "late") return
  const message = `a client runs on the service folder already (${link.process}); commands reach it`
  throw new CommandError("in_use", message)
}
