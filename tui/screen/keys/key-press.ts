import { emitKeypressEvents, type Interface, type Key } from "node:readline"
import { PassThrough, type Readable } from "node:stream"
import type { KeyPress } from "../state/key.js"
import { ReportReader, type Reports } from "./reports.js"

export type { KeyPress } from "../state/key.js"

/** UTF-16 units of a paste that are taken. A command with two long paths has a few hundred. */
export const MAX_PASTE_LENGTH = 4_096

/** A paste without new bytes for this time is over: without its end mark all later keys would count as pasted. */
const PASTE_TIMEOUT_MS = 1_000

/** An Escape without a following byte for this time is the key, not the start of a sequence; tmux and ssh delay bytes. */
const ESCAPE_TIMEOUT_MS = 40

const NAMES: Readonly<Record<string, string>> = { return: "enter", enter: "enter" }

/**
 * Calls `listener` for every key that arrives on `input`, one at a time, however they are chunked: node:readline takes
 * the chunks apart (also escape sequences and characters cut in two). What is no key goes to `reports`. Returns its undo.
 */
export function listenForKeys(
  input: Readable,
  listener: (key: KeyPress) => void,
  reports: Reports = NO_REPORTS,
): () => void {
  const reader = new ReportReader(reports)
  const keys = new PassThrough()
  const onData = (chunk: Buffer | string): void => {
    const rest = reader.take(typeof chunk === "string" ? Buffer.from(chunk) : chunk)
    if (rest.length > 0) keys.write(rest)
  }
  input.on("data", onData)
  // Node reads only this one field of its second argument (lib/internal/readline/emitKeypressEvents.js).
  emitKeypressEvents(keys, { escapeCodeTimeout: ESCAPE_TIMEOUT_MS } as unknown as Interface)
  const paste = new Paste(listener)
  const onKeypress = (text: string | undefined, key: Key): void => {
    const name = key.name as string | undefined
    if (name === "paste-start") paste.begin()
    else if (name === "paste-end" || (name === "c" && key.ctrl === true && paste.isOpen)) paste.end()
    else if (paste.isOpen) paste.add(pastedText(text, key))
    else {
      const press = keyPressOf(text, key)
      if (press !== undefined) listener(press)
    }
  }
  keys.on("keypress", onKeypress)
  return () => {
    paste.close()
    input.off("data", onData)
    keys.destroy()
  }
}

const NO_REPORTS: Reports = { onMouse: () => undefined, onBackground: () => undefined }

/** A paste on its way in, which is one key press in the end, however long it is. */
class Paste {
  readonly #listener: (key: KeyPress) => void
  #text: string | undefined
  #isCut = false
  #timer: NodeJS.Timeout | undefined

  constructor(listener: (key: KeyPress) => void) {
    this.#listener = listener
  }

  get isOpen(): boolean {
    return this.#text !== undefined
  }

  begin(): void {
    this.#text ??= ""
    this.#timer ??= setTimeout(() => this.end(), PASTE_TIMEOUT_MS)
  }

  add(text: string): void {
    const before = this.#text ?? ""
    this.#timer?.refresh()
    if (this.#isCut || before.length + text.length > MAX_PASTE_LENGTH) this.#isCut = true
    else this.#text = before + text
  }

  end(): void {
    const text = this.#text
    const isCut = this.#isCut
    this.close()
    if (text !== undefined && text !== "") this.#listener({ name: "paste", text, ...(isCut && { isCut }) })
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#text = undefined
    this.#isCut = false
  }
}

/** A pasted line break must not submit half a command: it becomes a space, like any other control character. */
function pastedText(text: string | undefined, key: Key): string {
  return (text ?? key.sequence ?? "").replace(/\p{Cc}/gu, " ")
}

/** What node:readline says of a key, in one word. Undefined for unknown sequences. */
function keyPressOf(text: string | undefined, key: Key): KeyPress | undefined {
  const name = key.name === undefined ? undefined : (NAMES[key.name] ?? key.name)
  const printable = text !== undefined && text !== "" && !/\p{Cc}/u.test(text) && key.meta !== true && key.ctrl !== true
  if (printable) return { name: text, text }
  if (name === undefined || name === "undefined") return undefined
  const shifted = key.shift === true && name.length > 1
  const modifiers = `${key.ctrl === true ? "ctrl-" : ""}${key.meta === true && name !== "escape" ? "alt-" : ""}${shifted ? "shift-" : ""}`
  return { name: modifiers + name, text: undefined }
}
