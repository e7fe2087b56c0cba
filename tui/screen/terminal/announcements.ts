import type { Notification, ScreenConfig } from "../../base/screen-config.js"

type Environment = Readonly<Record<string, string | undefined>>

/** What there is to say outside of the screen's own cells. */
export interface Outlook {
  /** Per cent of what is being downloaded, rounded down; undefined while nothing is. */
  readonly donePercent: number | undefined
  readonly hasFailed: boolean
}

const BELL = "\u0007"
const END = "\u001B\\"

/** Keeps the terminal's title and takes it back (xterm, "Window manipulation"). One that keeps none is left without a title: a share would stay. */
const KEEP_TITLE = "\u001B[22;2t"
const TAKE_TITLE_BACK = `\u001B]2;${END}\u001B[23;2t`
const NO_PROGRESS = `\u001B]9;4;0;0${END}`

/** OSC 9;4 shows as a text in terminals that know only the notification of OSC 9: sent to those that are known to show a bar. */
function knowsProgress(environment: Environment): boolean {
  const { WT_SESSION, ConEmuANSI, KONSOLE_VERSION, VTE_VERSION, TERM_PROGRAM, TMUX, STY } = environment
  if (TMUX !== undefined || STY !== undefined) return false
  if (WT_SESSION !== undefined || ConEmuANSI === "ON" || KONSOLE_VERSION !== undefined) return true
  return TERM_PROGRAM === "ghostty" || TERM_PROGRAM === "WezTerm" || Number(VTE_VERSION) >= 7_900
}

/** OSC 777 of rxvt is also what VTE and foot know; the others know OSC 9 of iTerm2. */
function knowsOsc777({ TERM = "", VTE_VERSION }: Environment): boolean {
  return VTE_VERSION !== undefined || /^(rxvt|foot)/.test(TERM)
}

/** Says by the title, the progress and the notifications of the terminal what happens. Each is sent only when it changes. */
export class Announcements {
  readonly #config: ScreenConfig
  readonly #environment: Environment
  readonly #send: (sequence: string) => void
  readonly #hasProgress: boolean
  #title = ""
  #progress = ""

  constructor(config: ScreenConfig, environment: Environment, send: (sequence: string) => void) {
    this.#config = config
    this.#environment = environment
    this.#send = send
    this.#hasProgress = config.progress ?? knowsProgress(environment)
  }

  /** Sent when the terminal is taken. */
  get begin(): string {
    return this.#config.title ? KEEP_TITLE : ""
  }

  /** Sent when the terminal is given back, whatever ends the screen. */
  get end(): string {
    return (this.#hasProgress ? NO_PROGRESS : "") + (this.#config.title ? TAKE_TITLE_BACK : "")
  }

  /** The terminal was given back or taken anew: nothing of what was sent holds. */
  forget(): void {
    this.#title = ""
    this.#progress = ""
  }

  show({ donePercent, hasFailed }: Outlook): void {
    const title = donePercent === undefined ? "p2p-tui" : `${donePercent} % p2p-tui`
    if (this.#config.title && title !== this.#title) {
      this.#title = title
      this.#send(`\u001B]2;${title}${BELL}`)
    }
    // State 2 is an error, 1 a share, 0 none.
    const state = donePercent === undefined ? "0;0" : `${hasFailed ? 2 : 1};${donePercent}`
    if (!this.#hasProgress || state === this.#progress || (this.#progress === "" && donePercent === undefined)) return
    this.#progress = state
    this.#send(`\u001B]9;4;${state}${END}`)
  }

  /** Something ended that was waited for. `text` is fit to show. */
  notify(text: string): void {
    const how: Notification = this.#config.notify
    if (how === "none") return
    // A semicolon would end the text there.
    const words = text.replaceAll(";", ",")
    const shown = knowsOsc777(this.#environment)
      ? `\u001B]777;notify;p2p-tui;${words}${END}`
      : `\u001B]9;${words}${END}`
    this.#send((how === "desktop" ? shown : "") + BELL)
  }
}
