import { dirname, resolve } from "node:path"
import { cwd, env, stderr, stdin, stdout } from "node:process"
import { Readable } from "node:stream"
import { CommandError, type TakenFolder } from "../core/index.js"
import { endingSignal } from "./base/ending-signal.js"
import { ExitCode } from "./base/exit-codes.js"
import { versionText } from "./base/version.js"
import type { CommandPlace } from "./commands/command-place.js"
import { readyReport } from "./commands/event-reports.js"
import { Journal } from "./commands/journal.js"
import type { PathBase } from "./commands/typed-paths.js"
import type { Config } from "./config/config.js"
import { type FoundConfig, findConfig } from "./config/default-config.js"
import type { ControlLink, Ready } from "./control/control-link.js"
import { type Reached, takeOrCall } from "./control/reach.js"
import { runQuit } from "./control/run-quit.js"
import { runningClient } from "./control/running-client.js"
import { attachedScreen, ownScreen, type ScreenPlace } from "./control/screen-place.js"
import { runLineMode, runOneShot } from "./lines/line-mode.js"
import { withLinkFromInput } from "./lines/link-from-input.js"
import { ownClient } from "./lines/own-client.js"
import { processPrinter } from "./lines/process-printer.js"
import type { Invocation } from "./program/cli.js"
import { isDaemon } from "./program/daemon.js"
import { firstStartNotice, firstStartReport, stayReport } from "./program/first-start.js"
import { hookedPlace } from "./program/hooked-place.js"
import { Hooks } from "./program/hooks.js"
import type { LogFile } from "./program/log-file.js"
import { withOptions } from "./program/run-config.js"
import { type StartedClient, startClient } from "./program/start-client.js"
import { requireEnd, startDaemon, tellServing } from "./program/start-daemon.js"
import { tuneV8 } from "./program/v8-flags.js"
import type { ScreenOptions } from "./screen/run-screen.js"
import { isInForeground } from "./screen/terminal/foreground.js"
import { isDumb } from "./screen/terminal/locale.js"

type Run = Extract<Invocation, { kind: "run" }>

/** What a crash needs of a run. */
export interface RunListener {
  onLog(log: LogFile): void
  /** `restore` gives the terminal back. */
  onScreen(restore: () => void): void
}

interface Course {
  readonly run: Run
  readonly config: Config
  readonly listener: RunListener
  readonly signal: AbortSignal
}

/** Runs a client in this process, or is served by the one that runs already. */
export async function runClient(run: Run, listener: RunListener): Promise<ExitCode> {
  tuneV8()
  if (run.daemon && !isDaemon()) return startDaemon(processPrinter(run), endingSignal(true))
  const found = await findConfig(run.configPath)
  const config = withOptions(found.config, run)
  // Before the client starts, so that a signal during the start ends it in order, with its downloads recorded.
  const signal = endingSignal(stdin.isTTY || stdout.isTTY || stderr.isTTY)
  const reached = await reach(run, config, signal)
  if (reached.kind === "attached") return runAttached({ run, config, listener, signal }, reached)
  if (reached.kind === "quitted") return ExitCode.ok
  if (isQuit(run.words)) return tellNoneRuns(reached.folder, run)
  const stays = isUploadThatStays(run) ? { ...run, seed: true } : run
  return runOwn({ run: stays, config, listener, signal }, found, reached.folder)
}

type ReachedAs =
  | Extract<Reached, { readonly kind: "taken" }>
  | { readonly kind: "attached"; readonly link: ControlLink; readonly ready: Ready }
  | { readonly kind: "quitted" }

/** Takes the service folder or is served by the client that has it. One that ends before it has served is no answer: it is asked again. */
async function reach(run: Run, config: Config, signal: AbortSignal): Promise<ReachedAs> {
  for (;;) {
    const reached = await takeOrCall(config, signal)
    if (reached.kind === "taken") return reached
    const { link } = reached
    if (isQuit(run.words)) {
      await runQuit(link, processPrinter(run))
      return { kind: "quitted" }
    }
    if (run.daemon) await requireEnd(link)
    else {
      const ready = await link.begin(helloOf(run), signal)
      if (ready !== undefined) return { kind: "attached", link, ready }
    }
  }
}

/** The client of this process. */
async function runOwn(
  { run, config, listener, signal }: Course,
  { path, isFirstStart }: FoundConfig,
  folder: TakenFolder,
): Promise<ExitCode> {
  const journal = new Journal()
  const stop = new AbortController()
  const ending = AbortSignal.any([signal, stop.signal])
  const isBrief = run.words.length > 0 && !run.seed
  const options = { folder, onQuit: () => stop.abort(), isBrief, startsTrackerForUploads: path === undefined }
  const started = await startClient(config, run.logLevel ?? config.logLevel, journal, options)
  listener.onLog(started.log)
  if (isFirstStart && !run.daemon && isInLines(run))
    processPrinter(run).report(firstStartReport(config, started.client, run.words.length === 0))
  if (isUploadThatStays(run)) processPrinter(run).report(stayReport(config, started.client))
  if (run.daemon)
    tellServing({ ready: readyReport(started.client), logPath: started.log.path, entries: journal.entries() })
  try {
    if (isInLines(run)) {
      const paths = pathsOf(run, config.serviceFolder)
      const code = await runInLines(run, ownClient(started.client, { paths, onEvent: journal.subscribe }), ending)
      await untilOthersAreDone(run, started, ending)
      if (code === ExitCode.ok && !run.seed) tellNotServed(run)
      return code
    }
    const place = ownScreen(started.client, journal, config.serviceFolder, started.todayOf)
    const notice = isFirstStart ? firstStartNotice(config, started.client) : undefined
    return await runScreenOf(place, { run, config, listener, signal: ending }, notice)
  } finally {
    await started.close()
  }
}

function helloOf(run: Run) {
  const isCommand = run.words.length > 0
  const notes = isCommand ? "own" : isInLines(run) ? "all" : "none"
  return { version: versionText().trim(), notes, ...(isCommand && { folder: cwd() }) } as const
}

/** Commands and screen of the client that runs already. */
async function runAttached(
  course: Course,
  { link, ready }: { readonly link: ControlLink; readonly ready: Ready },
): Promise<ExitCode> {
  const { run, config, signal } = course
  if (isInLines(run)) {
    const code = await runInLines(run, hooked(run, config, runningClient(link, ready)), signal)
    if (code === ExitCode.ok && link.isBrief) tellNotServed(run)
    return code
  }
  const screen = await attachedScreen(link)
  if (screen === undefined) throw new CommandError("client_ended", `the client that runs (${link.process}) has ended`)
  try {
    return await runScreenOf(screen, course)
  } finally {
    link.close()
  }
}

async function runScreenOf(
  place: ScreenPlace,
  { run, config, listener, signal }: Course,
  notice?: ScreenOptions["notice"],
): Promise<ExitCode> {
  const { runScreen } = await import("./screen/run-screen.js")
  return runScreen(place, {
    ascii: run.ascii ? true : config.ascii,
    screen: config.screen,
    serviceFolder: config.serviceFolder,
    stateFolder: config.stateFolder,
    ...{ signal, notice, onTaken: listener.onScreen },
  })
}

/** The running client has the hooks of the config; that of this command line is this process' own. */
function hooked({ onDone }: Run, { hooks: { done }, serviceFolder }: Config, place: CommandPlace): CommandPlace {
  if (onDone === undefined || done === undefined) return place
  return hookedPlace(place, new Hooks({ commands: { done }, folder: serviceFolder, tell: () => {} }))
}

async function runInLines(run: Run, place: CommandPlace, signal: AbortSignal): Promise<ExitCode> {
  const options = { stdin, stdout, stderr, json: run.json, seed: run.seed || run.daemon, signal }
  const words = await withLinkFromInput(run.words, stdin, signal)
  if (words.length > 0) return runOneShot(place, words, options)
  // To read a terminal from the background stops the process: it serves without commands.
  return runLineMode(place, isInBackground() ? { ...options, stdin: Readable.from([]), seed: true } : options)
}

function isInLines(run: Run): boolean {
  return (
    run.words.length > 0 || run.plain || run.json || !stdin.isTTY || !stdout.isTTY || isInBackground() || isDumb(env)
  )
}

function isInBackground(): boolean {
  return stdin.isTTY && !isInForeground()
}

/** As in every shell the paths of a single command begin in the current folder. */
function pathsOf(run: Run, serviceFolder: string): PathBase {
  return { folder: run.words.length > 0 ? cwd() : serviceFolder, serviceFolder }
}

/** Commands of other processes, that came while this client ran, are not cut short by its end. */
async function untilOthersAreDone(run: Run, { busyCallers, callersDone }: StartedClient, signal: AbortSignal) {
  const count = busyCallers()
  if (count > 0 && !signal.aborted) {
    const lines = [`waiting for ${count === 1 ? "a command" : `${count} commands`} of other processes`]
    processPrinter(run).report({ event: "waiting_for_others", lines, fields: { commands: count } })
  }
  await callersDone(signal)
}

/** Without a config an upload is served until it is ended, as no other client was set up for it. */
function isUploadThatStays({ configPath, words }: Run): boolean {
  return configPath === undefined && words[0] === "upload"
}

function isQuit(words: readonly string[]): boolean {
  return words.length === 1 && words[0] === "quit"
}

/** "quit" without a client to end is done. */
async function tellNoneRuns(folder: TakenFolder, run: Run): Promise<ExitCode> {
  await folder.release()
  const lines = [`no client runs on ${dirname(folder.stateFolder)}`]
  processPrinter(run).report({ event: "not_running", lines, fields: {} })
  return ExitCode.ok
}

/** After a single "upload" the client ends, and no client serves what it shared. */
function tellNotServed({ configPath = "", ...run }: Run): void {
  if (run.words[0] !== "upload") return
  const lines = [`nobody serves it yet: this client ends now; to serve it, start one: p2p-tui ${configPath} --daemon`]
  processPrinter(run).report({ event: "not_served", lines, fields: { config: resolve(configPath) } })
}
