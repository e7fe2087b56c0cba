import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type IPty, spawn } from "@lydell/node-pty"
import headless, { type IBufferCell } from "@xterm/headless"
import { currentFolderOf } from "../e2e/program.js"
import { isAlive } from "./vitals.js"

export interface PtyOptions {
  readonly columns: number
  readonly rows: number
  readonly env?: Readonly<Record<string, string>>
  /** Put before node: ["nohup"]. */
  readonly wrapper?: readonly string[]
}

/** One cell of the terminal. */
export interface TerminalCell {
  /** A character with what combines with it; empty for the second half of a wide one. */
  readonly text: string
  /** One of the terminal's 16 colours, or undefined for its own foreground. */
  readonly color: number | undefined
  readonly isBold: boolean
  readonly isDim: boolean
  readonly isInverse: boolean
}

/** No event says that a process has ended while its terminal is not read. */
const LOOK_MS = 20

/** The built programs; this file runs as TypeScript in tests and compiled in scripts. */
const DIST = new URL(import.meta.url.endsWith(".ts") ? "../../dist/" : "../../", import.meta.url)

/** A compiled program of this project in a real pseudo-terminal, with a terminal emulator that shows what a user sees. */
export class PtyScreen {
  readonly #pty: IPty
  readonly #terminal: InstanceType<typeof headless.Terminal>
  readonly #watchers = new Set<() => void>()
  /** Resolves to the exit code, or 128 + the signal's number. */
  readonly exited: Promise<number>
  /** Everything the program has written. */
  raw = ""

  /** `script`: its place below dist/. */
  constructor(script: string, args: readonly string[], { columns, rows, env = {}, wrapper = [] }: PtyOptions) {
    this.#terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true })
    const path = fileURLToPath(new URL(script, DIST))
    const [command = "", ...rest] = [...wrapper, process.execPath, path, ...args]
    this.#pty = spawn(command, rest, {
      cols: columns,
      rows,
      name: "xterm-256color",
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", TZ: "UTC", LANG: "C.UTF-8", ...env },
      ...currentFolderOf(args),
    })
    this.exited = new Promise((resolve) => {
      // What was written last may still be on its way into the emulator.
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#terminal.write("", () => resolve(signal !== undefined && signal > 0 ? 128 + signal : exitCode))
      })
    })
    this.#pty.onData((chunk) => {
      this.raw += chunk
      this.#terminal.write(chunk, () => this.#changed())
    })
    // The emulator answers questions of the program (device attributes) as a terminal does.
    this.#terminal.onData((answer) => this.#pty.write(answer))
  }

  get pid(): number {
    return this.#pty.pid
  }

  /** The lines in sight, without trailing spaces. */
  lines(): readonly string[] {
    const { active } = this.#terminal.buffer
    return Array.from({ length: this.#terminal.rows }, (_, row) => {
      return (
        active
          .getLine(active.viewportY + row)
          ?.translateToString(true)
          .trimEnd() ?? ""
      )
    })
  }

  text(): string {
    return this.lines().join("\n")
  }

  /** What is in sight, cell by cell. */
  cells(): readonly (readonly TerminalCell[])[] {
    const { active } = this.#terminal.buffer
    return Array.from({ length: this.#terminal.rows }, (_, row) => {
      const line = active.getLine(active.viewportY + row)
      return Array.from({ length: this.#terminal.cols }, (_, column) => terminalCell(line?.getCell(column)))
    })
  }

  /** "alternate" while a full-screen program has the terminal. */
  get buffer(): "normal" | "alternate" {
    return this.#terminal.buffer.active.type
  }

  get cursor(): { readonly x: number; readonly y: number } {
    const { cursorX, cursorY } = this.#terminal.buffer.active
    return { x: cursorX, y: cursorY }
  }

  type(keys: string): void {
    this.#pty.write(keys)
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows)
    this.#pty.resize(columns, rows)
  }

  kill(signal: string): void {
    this.#pty.kill(signal)
  }

  /** Stops or resumes reading the program's output, like a terminal behind a stalled network. */
  stopReading(): void {
    this.#pty.pause()
  }

  goOnReading(): void {
    this.#pty.resume()
  }

  /** Resolves when the process is gone, however much of what it wrote is unread: `exited` waits for the reader. */
  async vanished(): Promise<void> {
    while (isAlive(this.pid)) await setTimeout(LOOK_MS)
  }

  /** Closes the window: the terminal is gone, and its shell passes SIGHUP on. */
  hangUp(): void {
    // Of every Unix terminal of node-pty, though not of the type it shares with Windows.
    ;(this.#pty as IPty & { destroy(): void }).destroy()
  }

  /** Resolves when `condition` holds for what is in sight; rejects when the program ends before that. */
  async until(condition: (text: string) => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!condition(this.text())) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
      void this.exited.then((code) => {
        if (this.#watchers.delete(look)) reject(new Error(`the program ended with ${code}; in sight:\n${this.text()}`))
      })
    })
  }

  /** Ends the program if it still runs. */
  async close(): Promise<void> {
    try {
      this.#pty.kill("SIGKILL")
    } catch {
      // It has ended already, as most tests expect.
    }
    await this.exited
    this.#terminal.dispose()
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}

function terminalCell(cell: IBufferCell | undefined): TerminalCell {
  if (cell === undefined) return { text: " ", color: undefined, isBold: false, isDim: false, isInverse: false }
  return {
    text: cell.getWidth() === 0 ? "" : cell.getChars() || " ",
    color: cell.isFgPalette() ? cell.getFgColor() : undefined,
    isBold: cell.isBold() !== 0,
    isDim: cell.isDim() !== 0,
    isInverse: cell.isInverse() !== 0,
  }
}
