import { env, stderr, stdin, stdout } from "node:process"
import type { ClientSnapshot, DocumentSnapshot } from "../../core/index.js"
import { EXIT_CODE_OF_SIGNAL, ExitCode } from "../base/exit-codes.js"
import { fractionOf } from "../base/format.js"
import { neverWaitFor } from "../base/non-blocking.js"
import { remembered } from "../base/remembered.js"
import { DEFAULT_SCREEN, type ScreenConfig, type Theme } from "../base/screen-config.js"
import type { Notice } from "../commands/report.js"
import type { Attachment, ScreenPlace } from "../control/screen-place.js"
import type { InkScreen } from "./components/ink-screen.js"
import { ScreenStore } from "./components/store.js"
import { createEffectHandler } from "./effects.js"
import { feedStore } from "./feed.js"
import { openCommandHistory } from "./input/command-history.js"
import { openPreferences, type Preferences } from "./input/preferences.js"
import { listenForKeys } from "./keys/key-press.js"
import { type Effect, initialState } from "./state/state.js"
import { Announcements, type Outlook } from "./terminal/announcements.js"
import { type Ending, watchForEnding } from "./terminal/ending.js"
import { isUtf8 } from "./terminal/locale.js"
import { handleSuspension } from "./terminal/suspend.js"
import { Terminal } from "./terminal/terminal.js"
import { summaryLines } from "./views/summary.js"

export interface ScreenOptions {
  /** Undefined: as the locale of the terminal has it. */
  readonly ascii: boolean | undefined
  readonly screen?: ScreenConfig
  readonly serviceFolder: string
  readonly stateFolder: string
  /** Shown first, until a key is pressed. */
  readonly notice?: Notice | undefined
  /** Aborted by a signal of the system; the reason is EndedBySignal. */
  readonly signal: AbortSignal
  /** Called before the terminal is taken, with the function that restores it: the crash handler has to print on it. */
  readonly onTaken: (restore: () => void) => void
}

/**
 * Shows the full screen until the user or a signal ends it, then gives the terminal back and prints three lines of
 * summary. Resolves to the exit code; the client still runs then.
 */
export async function runScreen(place: ScreenPlace, options: ScreenOptions): Promise<ExitCode> {
  const { view, log, attached } = place
  const isColored = hasColor()
  prepareEnvironment()
  const { showScreen } = await import("./components/ink-screen.js")
  const terminal = new Terminal(stdin, stdout)
  // Ink shows the cursor there when the process ends.
  neverWaitFor(stderr)
  const ending = watchForEnding(stdin, options.signal)
  if (options.signal.aborted) return sayGoodbye(view.snapshot(), await ending.ended, attached)
  void attached?.left.then(ending.clientLeft)
  const history = openCommandHistory(options.stateFolder)
  const preferences = openPreferences(options.stateFolder)
  let onEffect: (effect: Effect) => void = () => {}
  const config = options.screen ?? DEFAULT_SCREEN
  const remembered = { history: history.lines, theme: config.theme, ...preferences.kept }
  const state = initialState({ ...lookOf(place, terminal, options), hasColor: isColored, ...remembered })
  const store = new ScreenStore(state, (effect) => onEffect(effect))
  terminal.takeMouse(state.mouse)
  const announcements = new Announcements(config, env, (sequence) => terminal.send(sequence))
  terminal.surround(announcements)
  const giveBack = takeTerminal(terminal, options)
  const ink = showScreen(store, terminal, stdin)
  terminal.output.on("caught-up", ink.redraw)
  const suspension = handleSuspension(terminal, () => {
    announcements.forget()
    ink.redraw()
  })
  const work = new AbortController()
  onEffect = createEffectHandler({
    client: view,
    commands: place.commands(ending.leave),
    stopClient: attached?.stop,
    history,
    preferences,
    serviceFolder: options.serviceFolder,
    signal: work.signal,
    dispatch: store.dispatch,
    note: (level, name, message) => log.add({ level, name, message }),
    leave: (atOnce) => (atOnce ? process.exit(ExitCode.interrupted) : ending.leave()),
    suspend: suspension.suspend,
    ...toolsOf(terminal, ink, announcements),
    wearTheme: (wanted) => wearTheme(wanted, store, terminal, preferences),
  })
  const ends = [
    () => work.abort(),
    feedStore(store, view, log),
    store.subscribe(() => announcements.show(outlookOf(store.state().snapshot))),
    listenToTerminal(store),
    listenForResize(terminal, store, ink.redraw),
    suspension.close,
    () => void terminal.output.off("caught-up", ink.redraw),
    ink.unmount,
    giveBack,
  ]
  askForBackground(state.theme, terminal)
  const how = await ending.ended
  for (const end of ends) end()
  return ending.isTerminalGone() ? ExitCode.hangup : sayGoodbye(view.snapshot(), how, attached)
}

function lookOf({ view, attached }: ScreenPlace, terminal: Terminal, { ascii, notice }: ScreenOptions) {
  const isAttached = attached !== undefined
  const what = { snapshot: view.snapshot(), today: view.today?.(), isAttached, notice }
  return { ...what, ...sizeOf(terminal), ...charactersOf(ascii) }
}

/** What effects do to the terminal itself. */
function toolsOf(terminal: Terminal, ink: InkScreen, announcements: Announcements) {
  return {
    redraw: () => {
      terminal.repair()
      ink.redraw()
    },
    notify: (text: string) => announcements.notify(text),
    takeMouse: (on: boolean) => terminal.takeMouse(on),
    send: (sequence: string) => terminal.send(sequence),
  }
}

function listenToTerminal(store: ScreenStore): () => void {
  return listenForKeys(stdin, (key) => store.dispatch({ kind: "key", key }), {
    onMouse: (press) => store.dispatch({ kind: "mouse", press }),
    onBackground: (background) => store.dispatch({ kind: "background", background }),
  })
}

/** OSC 11: the terminal answers with its background, for themes that go by it. */
function askForBackground(theme: Theme, terminal: Terminal): void {
  if (theme === "color-blind" || theme === "high-contrast") terminal.send("\u001B]11;?\u0007")
}

function wearTheme(theme: Theme, store: ScreenStore, terminal: Terminal, preferences: Preferences): void {
  preferences.keep({ theme })
  askForBackground(theme, terminal)
  store.dispatch({ kind: "theme", theme })
  store.dispatch({ kind: "message", message: { text: `theme: ${theme}`, tone: "plain" } })
}

/** What the terminal's title and progress say: the share of all that is being downloaded. */
const outlookOf = remembered(({ documents }: ClientSnapshot): Outlook => {
  const wanted = documents.filter(({ state }) => state === "downloading")
  const hasFailed = documents.some(({ state }) => state === "failed")
  if (wanted.length === 0) return { donePercent: undefined, hasFailed }
  const sum = (of: (document: DocumentSnapshot) => number): number =>
    wanted.reduce((total, each) => total + of(each), 0)
  const share = fractionOf(
    sum((each) => each.haveBytes),
    sum((each) => each.sizeBytes),
  )
  return { donePercent: Math.floor(share * 100), hasFailed }
})

/** Takes the terminal; the returned function gives it back, as does the end of the process, whatever ends it. */
function takeTerminal(terminal: Terminal, { onTaken }: ScreenOptions): () => void {
  const restore = (): void => terminal.restore()
  process.on("exit", restore)
  onTaken(restore)
  terminal.take()
  return () => {
    restore()
    process.off("exit", restore)
  }
}

/** Three lines for the scrollback, and the exit code: a signal that came before a download was done has its own. */
async function sayGoodbye(last: ClientSnapshot, how: Ending, attached: Attachment | undefined): Promise<ExitCode> {
  stdout.write(`${summaryLines(last).join("\n")}\n`)
  if (attached !== undefined) return sayDetached(how, attached)
  const isUnfinished = last.documents.some((document) => document.state === "downloading")
  return how.by === "signal" && isUnfinished ? EXIT_CODE_OF_SIGNAL[how.signal] : ExitCode.ok
}

/** What has become of the client that was looked at. */
async function sayDetached(how: Ending, { process: client, ended, isStopped }: Attachment): Promise<ExitCode> {
  if (how.by !== "client") {
    stdout.write(`the client (${client}) continues; the command "quit" ends it\n`)
    return ExitCode.ok
  }
  const end = await ended
  stdout.write(`the client (${client}) ${end === "left" ? "has ended" : "ended without a word"}\n`)
  return end === "left" && isStopped() ? ExitCode.ok : ExitCode.clientEnded
}

/** Must run before React, Ink and chalk are loaded: they read these once. */
function prepareEnvironment(): void {
  // The development build of React costs twice the CPU and leaks memory with every render (measured).
  env["NODE_ENV"] ??= "production"
  // With DEV=true Ink loads React's devtools, which are not here.
  delete env["DEV"]
  // chalk takes bold and inverse away with the colours, and knows the names of some terminals only: styles.ts decides on colours.
  env["FORCE_COLOR"] = "2"
  // With these set Ink draws nothing until it ends, but stdout is a terminal here.
  for (const name of ["CI", "CONTINUOUS_INTEGRATION"]) if (name in env) env[name] = "false"
}

/** https://no-color.org: set and not empty. */
function hasColor(): boolean {
  return (env["NO_COLOR"] ?? "") === "" && env["FORCE_COLOR"] !== "0"
}

/** A locale without UTF-8 has names in ASCII too: bytes beyond it may be commands to such a terminal. */
function charactersOf(ascii: boolean | undefined) {
  const onlyAscii = ascii !== false && !isUtf8(env, process.platform)
  return { ascii: ascii === true || onlyAscii, onlyAscii }
}

function sizeOf({ output }: Terminal) {
  return { columns: output.columns, rows: output.rows }
}

/** What was on the terminal is reflowed or cut by every terminal in its own way: it is all drawn anew. */
function listenForResize(terminal: Terminal, store: ScreenStore, redraw: () => void): () => void {
  let pending: NodeJS.Immediate | undefined
  const onResize = (): void => {
    store.dispatch({ kind: "resized", ...sizeOf(terminal) })
    pending ??= setImmediate(() => {
      pending = undefined
      redraw()
    })
  }
  stdout.on("resize", onResize)
  return () => {
    clearImmediate(pending)
    stdout.off("resize", onResize)
  }
}
