import { env } from "node:process"
import { type ClientSnapshot, expectManyListeners } from "../../core/index.js"
import { formatCount } from "../base/format.js"
import { printable } from "../base/printable.js"
import { THEMES, type Theme } from "../base/screen-config.js"
import type { ClientView } from "../commands/client-view.js"
import type { Span } from "../commands/command-line-error.js"
import type { Failure, Report } from "../commands/report.js"
import { COMMANDS } from "../commands/table.js"
import { type GivenCommand, splitWords } from "../commands/words.js"
import type { ScreenCommands } from "../control/screen-place.js"
import { namesApart } from "../words/document-names.js"
import type { CommandHistory } from "./input/command-history.js"
import { complete } from "./input/completion.js"
import type { Preferences } from "./input/preferences.js"
import type { ScreenEvent } from "./input/reducer.js"
import type { Effect } from "./state/state.js"
import { copyText } from "./terminal/clipboard.js"

/** What effects are carried out with. */
export interface EffectTools {
  readonly client: Pick<ClientView, "snapshot">
  readonly commands: ScreenCommands
  /** Ends the client of another process; undefined for the client of this one. */
  readonly stopClient?: (() => void) | undefined
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
  readonly notify: (text: string) => void
  readonly wearTheme: (theme: Theme) => void
  readonly takeMouse: (on: boolean) => void
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
        return void runTogether(effect, run, tools.dispatch)
      case "choose-files":
        return void chooseFiles(effect, run, tools.dispatch)
      case "complete":
        return tools.dispatch({ kind: "completed", asked: effect.field, ...complete(effect.field, sourcesOf(tools)) })
      case "remember":
        return tools.history.remember(effect.line)
      case "keep-sort":
        return tools.preferences.keep({ sort: effect.sort })
      case "copy":
        return void copy(effect, tools)
      case "notify":
        return tools.notify(effect.text)
      case "mouse":
        return switchMouse(effect.on, tools)
      case "redraw":
        return tools.redraw()
      case "suspend":
        return tools.suspend()
      case "leave":
        return tools.leave(false)
      case "leave-now":
        return tools.leave(true)
      case "stop-client":
        return tools.stopClient?.()
      default:
        return effect satisfies never
    }
  }
}

function sourcesOf({ client, serviceFolder }: EffectTools) {
  const { documents } = client.snapshot()
  const counts = new Map<string, number>()
  for (const { name } of documents) counts.set(name, (counts.get(name) ?? 0) + 1)
  // A name that several have is refused as ambiguous: their ids are not.
  return { serviceFolder, documentNames: documents.map(({ id, name }) => (counts.get(name) === 1 ? name : id)) }
}

/** Says what is known: a terminal does not answer whether it took the text. */
async function copy(
  { text, what }: { readonly text: string; readonly what: string },
  tools: EffectTools,
): Promise<void> {
  const where = await copyText(text, { environment: env, send: tools.send })
  const shown = printable(what)
  const said = where === "tmux" ? `copied into tmux's buffer: ${shown}` : `sent to the terminal's clipboard: ${shown}`
  tools.dispatch({ kind: "message", message: { text: said, tone: "plain" } })
}

/** Its text goes to the clipboard or is drawn, and into no message and no log. */
function showLink({ fields, link = "", qr }: Report, tools: EffectTools): void {
  const what = `the link of ${printable(String(fields["name"]))}`
  if (qr === undefined) return void copy({ text: link, what }, tools)
  tools.dispatch({ kind: "qr", title: what, rows: qr })
}

function switchMouse(on: boolean, tools: EffectTools): void {
  tools.takeMouse(on)
  tools.preferences.keep({ mouse: on })
  const text = on ? "the mouse is used here; Shift leaves it to the terminal" : "the mouse is left to the terminal"
  tools.dispatch({ kind: "message", message: { text, tone: "plain" } })
}

type CommandRunner = (given: GivenCommand) => Promise<boolean>

/** "pause" has "paused" it: what is said of several documents. */
const DONE: Readonly<Record<string, string>> = {
  pause: "paused",
  resume: "resumed",
  recheck: "rechecked",
  repair: "under repair",
  remove: "removed",
}

/** Runs commands side by side. Of several, one sentence says in the end what came of them; the log says it of each. */
async function runTogether(
  { commands, said }: Extract<Effect, { readonly kind: "run-commands" }>,
  run: CommandRunner,
  dispatch: EffectTools["dispatch"],
): Promise<void> {
  const went = await Promise.all(commands.map(run))
  if (said !== undefined && went.every((well) => well))
    return dispatch({ kind: "message", message: { text: said, tone: "plain" } })
  if (commands.length === 1) return
  const refused = went.filter((well) => !well).length
  const all = `${formatCount(commands.length)} documents ${DONE[commands[0]?.[0] ?? ""] ?? "done"}`
  if (refused === 0) return dispatch({ kind: "message", message: { text: all, tone: "plain" } })
  const text = `${formatCount(went.length - refused)} of ${all}; the log says why not all`
  dispatch({ kind: "message", message: { text, tone: "bad" } })
}

async function chooseFiles(
  { number, command }: Extract<Effect, { readonly kind: "choose-files" }>,
  run: CommandRunner,
  dispatch: EffectTools["dispatch"],
): Promise<void> {
  dispatch({ kind: "files-chosen", number, isMade: await run(command) })
}

/** Runs a typed line or ready words. What comes of it is said in the message line and in the log; resolves to whether it went well. */
function createCommandRunner(tools: EffectTools): CommandRunner {
  const { client, commands, dispatch, note, signal } = tools
  expectManyListeners(signal)
  const say = (report: Report): void => {
    const tone = report.isCompletion === true ? "good" : "plain"
    if (report.event === "link") return showLink(report, tools)
    // What a command has done is seen at once, not with the next picture that is due.
    dispatch({ kind: "snapshot", snapshot: client.snapshot() })
    if (report.newDocument !== undefined) dispatch({ kind: "select", id: report.newDocument })
    const text = saidOf(report, client.snapshot())
    const { whileDownloading } = report
    const stage = whileDownloading === undefined ? {} : { whileDownloading }
    dispatch({ kind: "message", message: { text, tone, ...stage } })
    if (report.isLogged !== true) note("info", report.event, text)
  }
  return async (given) => {
    const line = typeof given === "string" ? given : undefined
    const refuse = ({ code, message, span, isLogged }: Failure): void => {
      const text = `${code}: ${printable(message)}`
      if (isLogged !== true) note("warn", code, text)
      if (line === undefined) dispatch({ kind: "message", message: { text, tone: "bad" } })
      else dispatch({ kind: "refused", line, message: printable(message), span: span ?? wrongWord(line, message) })
    }
    if (line === undefined) return runWords()
    const show = ofTheScreen(line, tools)
    if (show !== undefined) {
      dispatch({ kind: "ran", line })
      show()
      return true
    }
    const jobsBefore = new Set(client.snapshot().jobs.map(({ id }) => id))
    // A command that takes its time, as a large upload does, gives the keys back meanwhile: they are for what it has begun.
    const late = setTimeout(() => {
      selectNewJob(tools, jobsBefore)
      dispatch({ kind: "ran", line })
    }, LINE_STAYS_MS)
    const wentWell = await runWords()
    clearTimeout(late)
    if (wentWell) dispatch({ kind: "ran", line })
    return wentWell

    function runWords(): Promise<boolean> {
      // A bug rejects here, and ends the program loudly at the top.
      return commands(given, { report: say, failure: refuse }, signal)
    }
  }
}

/** The last line of a report and what it is about. Of an upload the panel has the paths: what to do next is said instead. */
function saidOf({ event, lines, fields }: Report, { documents }: ClientSnapshot): string {
  const [about = "", last] = lines.length > 1 ? lines.slice(-2) : ["", lines[0] ?? event]
  const shared = event === "upload_completed" ? namesApart(documents).get(String(fields["id"])) : undefined
  const subject = shared === undefined ? about : `${shared} is shared while this client runs; l copies its link`
  return printable(subject === "" ? `${last}` : `${last}  ${subject}`)
}

/** What a line does that changes the screen alone or ends the client of another process; undefined for a line that the client carries out. */
function ofTheScreen(line: string, { dispatch, stopClient, wearTheme }: EffectTools): (() => void) | undefined {
  const shown = viewOf(line)
  if (shown !== undefined) return () => dispatch({ kind: "show", ...shown })
  if (stopClient !== undefined && line.trim() === "quit") return () => dispatch({ kind: "stop-asked" })
  const theme = themeOf(line)
  return theme === undefined ? undefined : () => wearTheme(theme)
}

/** Two files may be hashed by one screen, or others by another: the last one is the newest. */
function selectNewJob({ client, dispatch }: EffectTools, before: ReadonlySet<string>): void {
  const snapshot = client.snapshot()
  const job = snapshot.jobs.findLast(({ id }) => !before.has(id))
  if (job === undefined) return
  dispatch({ kind: "snapshot", snapshot })
  dispatch({ kind: "select", id: job.id })
}

/** How long a line stays open for the outcome of its command. */
const LINE_STAYS_MS = 300

/** The word that an error is about whose place the parser does not name: the last one that its message quotes, else the first argument. */
function wrongWord(line: string, message: string): Span | undefined {
  try {
    const [command, ...words] = splitWords(line)
    const quoted = words.findLast(({ text }) => text.length > 1 && quotes(message, text))
    return (quoted ?? words.find(({ text }) => !text.startsWith("--")) ?? command)?.span
  } catch {
    // A quote that is not closed: the parser has named its place.
    return undefined
  }
}

/** Whether a message has a word as a whole: "re" is no word of "/home/screen". */
function quotes(message: string, word: string): boolean {
  for (let at = message.indexOf(word); at >= 0; at = message.indexOf(word, at + 1)) {
    const [before, after] = [message[at - 1] ?? "", message[at + word.length] ?? ""]
    if (!LETTER.test(before) && !LETTER.test(after)) return true
  }
  return false
}

const LETTER = /[\p{L}\p{N}]/u

/** The theme that a line asks for. What else it says is left to the command to refuse. */
function themeOf(line: string): Theme | undefined {
  const [name, word, ...more] = line.trim().split(/\s+/)
  return name === "theme" && more.length === 0 ? THEMES.find((theme) => theme === word) : undefined
}

type Shown = Omit<Extract<ScreenEvent, { kind: "show" }>, "kind">

/** The view that a line only asks to see: "list", "peers", "help" without more words; "help upload" and "upload --help" at its place. */
function viewOf(line: string): Shown | undefined {
  const [name = "", argument, ...more] = line.trim().split(/\s+/)
  const known = (word: string | undefined) => COMMANDS.find((command) => command.name === word)
  if (argument === undefined) {
    const view = known(name)?.view
    return view === undefined ? undefined : { view }
  }
  if (more.length > 0) return undefined
  const command = name === "help" ? known(argument) : /^(--help|-h)$/.test(argument) ? known(name) : undefined
  return command === undefined ? undefined : { view: "help", command: command.name }
}
