import { spawn } from "node:child_process"

/** How long tmux may take to take the text. */
const TMUX_TIMEOUT_MS = 2_000

export interface ClipboardTools {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Sends a control sequence that draws nothing. */
  readonly send: (sequence: string) => void
}

/** Where a copied text has gone: to a buffer that holds it, or to a terminal that does not answer whether it does. */
export type CopiedTo = "tmux" | "terminal"

/**
 * Copies `text`: into a buffer of tmux, which passes it on to the clipboard where its terminal takes it, else by OSC 52. tmux drops OSC 52
 * of programs unless its option set-clipboard is "on", and says nothing about it.
 */
export async function copyText(text: string, { environment, send }: ClipboardTools): Promise<CopiedTo> {
  if ((environment["TMUX"] ?? "") !== "" && (await loadTmuxBuffer(text, environment))) return "tmux"
  const sequence = `\u001B]52;c;${Buffer.from(text).toString("base64")}\u0007`
  // GNU screen passes on to its terminal what stands in a device control string.
  send((environment["STY"] ?? "") === "" ? sequence : `\u001BP${sequence}\u001B\\`)
  return "terminal"
}

/** Resolves to whether tmux has the text. -w, which passes it on, is of tmux 3.2. */
async function loadTmuxBuffer(text: string, environment: ClipboardTools["environment"]): Promise<boolean> {
  return (
    (await runTmux(["load-buffer", "-w", "-"], text, environment)) || runTmux(["load-buffer", "-"], text, environment)
  )
}

function runTmux(words: readonly string[], text: string, environment: ClipboardTools["environment"]): Promise<boolean> {
  return new Promise((resolve) => {
    const tmux = spawn("tmux", words, {
      env: environment,
      stdio: ["pipe", "ignore", "ignore"],
      timeout: TMUX_TIMEOUT_MS,
    })
    tmux.on("error", () => resolve(false))
    tmux.on("close", (code) => resolve(code === 0))
    // A tmux that is not there closes the pipe; its "error" or "close" says so.
    tmux.stdin.on("error", () => undefined)
    tmux.stdin.end(text)
  })
}
