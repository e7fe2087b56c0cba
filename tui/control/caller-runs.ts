import type { Client } from "../../core/index.js"
import { ExitCode } from "../base/exit-codes.js"
import { type Audience, Session } from "../commands/session.js"
import type { PathBase } from "../commands/typed-paths.js"
import type { Answer, Request } from "./protocol.js"

export interface CallerRunsOptions {
  readonly client: Client
  readonly paths: PathBase
  /** Ends the waits of the commands: the caller waits no longer. */
  readonly waits: AbortSignal
  /** Ends the work that they have begun. */
  readonly leaving: AbortSignal
  readonly send: (answer: Answer) => void
  /** Called before something is reported: what a command has done is seen with what it says. */
  readonly onReport: () => void
  /** Called when the number of commands under way has changed, or a download is over. */
  readonly onChange: () => void
  readonly quit: () => void
}

/** The commands of one caller, each in a session of its own. */
export class CallerRuns {
  readonly #options: CallerRunsOptions
  /** Kept for the downloads that they have begun. */
  readonly #sessions = new Set<Session>()
  #count = 0
  #unsettled = 0
  #exitCode: ExitCode = ExitCode.ok

  constructor(options: CallerRunsOptions) {
    this.#options = options
  }

  /** Commands under way. */
  get count(): number {
    return this.#count
  }

  /** A command is under way, or a download that one has begun. */
  get isBusy(): boolean {
    return this.#count + this.#unsettled > 0
  }

  get followedIds(): ReadonlySet<string> {
    return new Set([...this.#sessions].flatMap((session) => [...session.followedIds]))
  }

  async run({ run, command }: Extract<Request, { kind: "run" }>): Promise<void> {
    const { client, paths, waits, leaving, send, onChange, quit } = this.#options
    let quits = false
    const onQuit = (): void => {
      quits = true
    }
    const session = new Session(client, this.#audienceOf(run), { signal: waits, workSignal: leaving, onQuit, paths })
    this.#forgetSettled()
    this.#sessions.add(session)
    this.#count++
    onChange()
    const ok = await session.run(command)
    this.#count--
    this.#remember(session)
    send({ kind: "done", run, ok, exitCode: this.#exitCode, quits })
    if (quits) quit()
    this.#unsettled++
    onChange()
    await session.settled()
    this.#unsettled--
    onChange()
  }

  /** Sends "settled" when every download is over or can't continue. */
  async settle(): Promise<void> {
    const sessions = [...this.#sessions]
    await Promise.all(sessions.map((session) => session.settled()))
    for (const session of sessions) this.#remember(session)
    const isUnfinished = sessions.some((session) => session.isUnfinished)
    this.#options.send({ kind: "settled", exitCode: this.#exitCode, isUnfinished })
  }

  #audienceOf(run: number): Audience {
    const { send, onReport } = this.#options
    return {
      report: (report) => {
        onReport()
        send({ kind: "report", run, report })
      },
      failure: (failure) => send({ kind: "failure", run, failure }),
    }
  }

  #remember({ exitCode }: Session): void {
    if (this.#exitCode === ExitCode.ok) this.#exitCode = exitCode
  }

  #forgetSettled(): void {
    for (const session of this.#sessions) {
      if (session.isUnfinished) continue
      this.#remember(session)
      this.#sessions.delete(session)
    }
  }
}
