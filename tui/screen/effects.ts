import type { Client } from "../../core/index.js"
import { printable } from "../base/printable.js"
import type { Failure, Report } from "../commands/report.js"
import { Session } from "../commands/session.js"
import { COMMANDS } from "../commands/table.js"
import type { GivenCommand } from "../commands/words.js"
import type { CommandHistory } from "./input/command-history.js"
import { complete } from "./input/completion.js"
import type { Preferences } from "./input/preferences.js"
import type { ScreenEvent } from "./input/reducer.js"
import type { Effect } from "./state/state.js"

/** What effects are carried out with. */
export interface EffectTools {
  readonly client: Client
  readonly serviceFolder: string
  readonly history: CommandHistory
  readonly preferences: Preferences
  readonly signal: AbortSignal
  readonly dispatch: (event: ScreenEvent) => void
  /** Into the log, so that what was said in the message line can be read again. */
  readonly note: (level: "info" | "warn", name: string, message: string) => void
  readonly leave: (atOnce: boolean) => void
  readonly redraw: () => void
  readonly suspend: () => void
  /** Sends a control sequence that draws nothing. */
  readonly send: (sequence: string) => void
}

/** Makes the function that does what the reducer wants done. */
export function createEffectHandler(tools: EffectTools): (effect: Effect) => void {
  const run = createCommandRunner(tools)
  return (effect) => {
    switch (effect.kind) {
      case "run-line":
        return void run(effect.line)
      case "run-commands":
        return void runTogether(effect.commands, run, tools.dispatch)
      case "complete":
        return tools.dispatch({ kind: "completed", asked: effect.field, ...complete(effect.field, sourcesOf(tools)) })
      case "remember":
        return tools.history.remember(effect.line)
      case "keep-sort":
        return tools.preferences.keep({ sort: effect.sort })
      case "copy":
        return tools.send(clipboardSequence(effect.text))
      case "redraw":
        return tools.redraw()
      case "suspend":
        return tools.suspend()
      case "leave":
        return tools.leave(false)
      case "leave-now":
        return tools.leave(true)
      default:
        return effect satisfies never
    }
  }
}

function sourcesOf({ client, serviceFolder }: EffectTools) {
  return { serviceFolder, documentNames: client.snapshot().documents.map((document) => document.name) }
}

/** OSC 52: the terminal puts the text on the clipboard, also through ssh and tmux, where it is allowed to. */
function clipboardSequence(text: string): string {
  return `\u001B]52;c;${Buffer.from(text).toString("base64")}\u0007`
}

type CommandRunner = (given: GivenCommand) => Promise<boolean>

/** "pause" has "paused" it: what is said of several documents. */
const DONE: Readonly<Record<string, string>> = {
  pause: "paused",
  resume: "resumed",
  recheck: "rechecked",
  remove: "removed",
}

/** Runs commands side by side. Of several, one sentence says in the end what came of them; the log says it of each. */
async function runTogether(
  commands: readonly (readonly string[])[],
  run: CommandRunner,
  dispatch: EffectTools["dispatch"],
): Promise<void> {
  const went = await Promise.all(commands.map(run))
  if (commands.length === 1) return
  const refused = went.filter((well) => !well).length
  const done = DONE[commands[0]?.[0] ?? ""] ?? "done"
  if (refused === 0) {
    return dispatch({ kind: "message", message: { text: `${commands.length} documents ${done}`, tone: "plain" } })
  }
  const text = `${went.length - refused} of ${commands.length} documents ${done}; the log says why not all`
  dispatch({ kind: "message", message: { text, tone: "bad" } })
}

/** Runs a typed line or ready words. What comes of it is said in the message line and in the log; resolves to whether it went well. */
function createCommandRunner(tools: EffectTools): CommandRunner {
  const { client, dispatch, note, signal, leave, serviceFolder } = tools
  const say = (report: Report): void => {
    const text = printable(report.lines.at(-1) ?? report.event)
    const tone = report.isCompletion === true ? "good" : "plain"
    const subject = report.lines.length > 1 ? `  ${printable(report.lines.at(-2) ?? "")}` : ""
    // What a command has done is seen at once, not with the next picture that is due.
    dispatch({ kind: "snapshot", snapshot: client.snapshot() })
    if (report.newDocument !== undefined) dispatch({ kind: "select", id: report.newDocument })
    dispatch({ kind: "message", message: { text: text + subject, tone } })
    note("info", report.event, text + subject)
  }
  return async (given) => {
    const line = typeof given === "string" ? given : undefined
    const refuse = ({ code, message, span }: Failure): void => {
      const text = `${code}: ${printable(message)}`
      note("warn", code, text)
      if (line === undefined) dispatch({ kind: "message", message: { text, tone: "bad" } })
      else dispatch({ kind: "refused", line, message: printable(message), span })
    }
    const view = typeof given === "string" ? viewOf(given) : undefined
    if (view !== undefined) {
      dispatch({ kind: "show", view })
      return true
    }
    const paths = { folder: serviceFolder, serviceFolder }
    const session = new Session(client, { report: say, failure: refuse }, { signal, onQuit: () => leave(false), paths })
    // A bug rejects here, and ends the program loudly at the top.
    return session.run(given)
  }
}

/** The view that a line only asks to see: "list", "peers", "help" without more words. */
function viewOf(line: string): "documents" | "peers" | "help" | undefined {
  const name = line.trim()
  return COMMANDS.find((command) => command.name === name)?.view
}
