import {
  type Client,
  CommandError,
  type DocumentSnapshot,
  type DownloadHandle,
  type FoundOnDisk,
  P2pError,
} from "../../core/index.js"
import { onChangeAtMost } from "../base/change-throttle.js"
import { EndedBySignal } from "../base/ending-signal.js"
import { ExitCode, exitCodeOf } from "../base/exit-codes.js"
import type { Arguments } from "./arguments.js"
import type { CommandContext } from "./command.js"
import { CommandLineError } from "./command-line-error.js"
import { type ParsedCommand, parseCommand } from "./parse.js"
import type { Failure, Report } from "./report.js"
import { COMMANDS } from "./table.js"
import { describedReport, downloadCompleted } from "./transfers.js"
import { type PathBase, resolvePaths } from "./typed-paths.js"
import { type GivenCommand, wordsOf } from "./words.js"

/** Time between two checks of a waiting session whether a download can still complete. */
const LOOK_INTERVAL_MS = 250

/** Where the words of a session go: lines on stdout and stderr, or the screen. */
export interface Audience {
  report(report: Report): void
  failure(failure: Failure): void
}

export interface SessionOptions {
  /** Ends the waits of its commands. */
  readonly signal: AbortSignal
  /** Ends the work that they have begun, by default with the waits. */
  readonly workSignal?: AbortSignal
  /** The user wants the client to end. */
  readonly onQuit: () => void
  readonly paths: PathBase
}

/** Commands that are carried out in this process or by the running client, and how it all ends. */
export interface CommandRun {
  /** The code of the first thing that went wrong, or 0. */
  readonly exitCode: ExitCode
  /** Something asked for is not over: a download, or a command that was cut short. */
  readonly isUnfinished: boolean
  /** Resolves to whether the command went well; what it says goes to the audience. */
  run(given: GivenCommand): Promise<boolean>
  /** Resolves when every download asked for is over or can't continue. */
  settled(): Promise<void>
}

/** A download that was asked for in a session and isn't over. */
interface Followed {
  id: string
  /** False of one by a link until its `begun` has resolved: the client may list the document under its own id before the session knows that id. */
  hasBegun: boolean
}

/** One run of the client: runs commands, follows the downloads they began, and knows how it all ends. */
export class Session implements CommandContext, CommandRun {
  readonly client: Client
  readonly signal: AbortSignal
  readonly workSignal: AbortSignal
  readonly #audience: Audience
  readonly #options: SessionOptions
  readonly #followed = new Set<Followed>()
  readonly #overListeners = new Set<() => void>()
  #exitCode: ExitCode = ExitCode.ok
  #wasInterrupted = false

  constructor(client: Client, audience: Audience, options: SessionOptions) {
    this.client = client
    this.signal = options.signal
    this.workSignal = options.workSignal ?? options.signal
    this.#audience = audience
    this.#options = options
  }

  /** The code of the first thing that went wrong, or 0. */
  get exitCode(): ExitCode {
    return this.#exitCode
  }

  get isUnfinished(): boolean {
    return this.#followed.size > 0 || this.#wasInterrupted
  }

  /** Documents whose download was asked for in this session and isn't over. */
  get followedIds(): ReadonlySet<string> {
    return new Set([...this.#followed].map(({ id }) => id))
  }

  report = (report: Report): void => this.#audience.report(report)

  quit = (): void => this.#options.onQuit()

  follow = (handle: DownloadHandle): void => {
    const followed: Followed = { id: handle.id, hasBegun: handle.begun === undefined }
    this.#followed.add(followed)
    handle.begun?.then(
      (id) => {
        followed.id = id
        followed.hasBegun = true
      },
      // `done` rejects likewise.
      () => undefined,
    )
    void handle.foundLater?.then(
      (found) => this.#reportDescribed(followed.id, found),
      () => undefined,
    )
    void handle.done
      .then((result) => this.report(downloadCompleted(result)))
      // The exit code is good only when the file is safe.
      .then(() => handle.durable)
      .catch((error: unknown) => this.#failFollowed(error))
      .finally(() => {
        this.#followed.delete(followed)
        for (const listen of [...this.#overListeners]) listen()
      })
  }

  /**
   * Runs a command and resolves to whether it went well. An error of the user is reported and remembered for the exit code; an unexpected
   * error rejects.
   */
  async run(given: GivenCommand): Promise<boolean> {
    let name = "the command"
    try {
      const parsed = parseCommand(wordsOf(given), COMMANDS)
      name = parsed.command.name
      await parsed.command.run(await this.#resolved(parsed), this)
      return true
    } catch (error) {
      if (this.signal.aborted && isInterruption(error)) this.#interrupted(name)
      else this.#fail(error)
      return false
    }
  }

  /**
   * Resolves when every followed download is over, or none of them can continue (all paused or removed): then the exit
   * code says "unfinished". Resolves at once when the session's signal is aborted.
   */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!this.#isSettled()) return
        stopLooking()
        this.signal.removeEventListener("abort", check)
        this.#overListeners.delete(check)
        resolve()
      }
      const stopLooking = onChangeAtMost(this.client, LOOK_INTERVAL_MS, check)
      this.signal.addEventListener("abort", check)
      this.#overListeners.add(check)
      check()
    })
  }

  #reportDescribed(id: string, found: FoundOnDisk): void {
    const document = this.client.snapshot().documents.find((each) => each.id === id)
    if (document !== undefined && document.state !== "paused") this.report(describedReport(id, document.name, found))
  }

  #resolved({ command, given }: ParsedCommand): Promise<Arguments> {
    return resolvePaths(given, command, this.#options.paths, this.client)
  }

  #isSettled(): boolean {
    if (this.#followed.size === 0 || this.signal.aborted) return true
    const documents = new Map(this.client.snapshot().documents.map((document) => [document.id, document]))
    for (const { id, hasBegun } of this.#followed) if (!isStopped(documents.get(id), hasBegun)) return false
    this.#remember(ExitCode.unfinished)
    return true
  }

  #fail(error: unknown, isLogged = false): void {
    if (!(error instanceof P2pError)) throw error
    this.#remember(exitCodeOf(error))
    this.#audience.failure({ ...failureOf(error), ...(isLogged && { isLogged }) })
  }

  /** The engine logs how a download has failed, and not that a command has ended it. */
  #failFollowed(error: unknown): void {
    this.#fail(error, !(error instanceof CommandError))
  }

  #interrupted(name: string): void {
    this.#wasInterrupted = true
    const { reason } = this.signal
    const by = reason instanceof EndedBySignal ? `${reason.signal} came` : "the client was left"
    this.#audience.failure({ code: "interrupted", message: `${name} was not done: ${by} first` })
  }

  #remember(code: ExitCode): void {
    if (this.#exitCode === ExitCode.ok) this.#exitCode = code
  }
}

function failureOf(error: P2pError): Failure {
  const { code, message } = error
  const span = error instanceof CommandLineError ? error.span : undefined
  return span === undefined ? { code, message } : { code, message, span }
}

const isInterruption = (error: unknown): boolean => error instanceof CommandError && error.code === "interrupted"

/** Paused or removed: only a command of the user continues this download. If it is removed before its `begun` resolves, its handle rejects. */
function isStopped(document: DocumentSnapshot | undefined, hasBegun: boolean): boolean {
  return document === undefined ? hasBegun : document.state === "paused"
}
