import type { Readable } from "node:stream"
import { CommandError, isLink, tidyLink } from "../../core/index.js"
import { MAX_LINE_BYTES } from "../commands/words.js"

/** Where a link is read from: a terminal gives it line by line, and its end only by Ctrl-D. */
export type LinkInput = Readable & { readonly isTTY?: boolean }

/**
 * The words of a single command, with the link that stands on standard input in place of the "-" of "download -": so it is in no list of
 * processes. @throws CommandError "bad_link" when there is none; the signal's reason.
 */
export async function withLinkFromInput(
  words: readonly string[],
  input: LinkInput,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [command, torrent, ...rest] = words
  if (command !== "download" || torrent !== "-") return words
  return [command, await readLink(input, signal), ...rest]
}

async function readLink(input: LinkInput, signal: AbortSignal): Promise<string> {
  const text = await readText(input, signal)
  if (isLink(text)) return tidyLink(text) ?? text
  // What came is not shown: it may be a part of a key.
  const what = text.trim() === "" ? "nothing came" : "what came is no link"
  throw new CommandError("bad_link", `${what} on standard input; a link begins with "magnet:" or "p2p-tui:"`)
}

/** All of a pipe; of a terminal as much as is a link. Longer texts are cut, and then are none. */
function readText(input: LinkInput, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ""
    const end = (): void => {
      for (const event of ["end", "close", "error"]) input.off(event, end)
      input.off("data", onData)
      signal.removeEventListener("abort", end)
      input.pause()
      if (signal.aborted) reject(signal.reason)
      else resolve(text)
    }
    const onData = (chunk: string): void => {
      text += chunk
      const isWhole = input.isTTY === true && text.endsWith("\n") && tidyLink(text) !== undefined
      if (isWhole || text.length > MAX_LINE_BYTES) end()
    }
    for (const event of ["end", "close", "error"]) input.on(event, end)
    signal.addEventListener("abort", end)
    input.setEncoding("utf8").on("data", onData)
    if (signal.aborted || input.readableEnded || input.destroyed) end()
  })
}
