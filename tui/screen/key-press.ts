import { emitKeypressEvents, type Interface, type Key } from "node:readline"
import type { Readable } from "node:stream"

/** One key. */
export interface KeyPress {
  /** "q", "Q", "é", " ", "up", "enter", "escape", "ctrl-a", "alt-b", "shift-tab"; "paste" for a pasted character. */
  readonly name: string
  /** The character to insert, where the key stands for one. */
  readonly text: string | undefined
}

/** An Escape that nothing follows for so long is the key, not the beginning of a sequence. tmux and ssh need some slack. */
const ESCAPE_TIMEOUT_MS = 40

const NAMES: Readonly<Record<string, string>> = { return: "enter", enter: "enter" }

/**
 * Calls `listener` for every key that arrives on `input`, one at a time, however they are chunked: node:readline takes
 * the chunks apart (also escape sequences and characters cut in two). Returns its undo.
 */
export function listenForKeys(input: Readable, listener: (key: KeyPress) => void): () => void {
  // Node reads only this one field of its second argument (lib/internal/readline/emitKeypressEvents.js).
  emitKeypressEvents(input, { escapeCodeTimeout: ESCAPE_TIMEOUT_MS } as unknown as Interface)
  let pasting = false
  const onKeypress = (text: string | undefined, key: Key): void => {
    const name = key.name as string | undefined
    if (name === "paste-start" || name === "paste-end") pasting = name === "paste-start"
    else if (pasting) listener({ name: "paste", text: pastedText(text, key) })
    else {
      const press = keyPressOf(text, key)
      if (press !== undefined) listener(press)
    }
  }
  input.on("keypress", onKeypress)
  return () => input.off("keypress", onKeypress)
}

/** A pasted line break must not submit half a command: it becomes a space, like any other control character. */
function pastedText(text: string | undefined, key: Key): string {
  return (text ?? key.sequence ?? "").replace(/\p{Cc}/gu, " ")
}

/** What node:readline says of a key, in one word. Undefined for sequences nobody knows. */
export function keyPressOf(text: string | undefined, key: Key): KeyPress | undefined {
  const name = key.name === undefined ? undefined : (NAMES[key.name] ?? key.name)
  const printable = text !== undefined && text !== "" && !/\p{Cc}/u.test(text) && key.meta !== true && key.ctrl !== true
  if (printable) return { name: text, text }
  if (name === undefined || name === "undefined") return undefined
  const shifted = key.shift === true && name.length > 1
  const modifiers = `${key.ctrl === true ? "ctrl-" : ""}${key.meta === true && name !== "escape" ? "alt-" : ""}${shifted ? "shift-" : ""}`
  return { name: modifiers + name, text: undefined }
}
