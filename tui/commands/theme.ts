import { CommandError } from "../../core/index.js"
import { didYouMean } from "../base/nearest.js"
import { THEMES } from "../base/screen-config.js"
import type { Command } from "./command.js"
import { CommandLineError, type Span } from "./command-line-error.js"

export const theme: Command = {
  name: "theme",
  arguments: [{ name: "theme", kind: "theme" }],
  flags: [],
  summary: `the colours of the screen: ${THEMES.join(", ")}; kept for the next start`,
  async run(given) {
    requireTheme(given.required("theme"), given.word("theme")?.span)
    throw new CommandError("screen_only", "only the screen has a theme: start p2p-tui without a command on a terminal")
  },
}

/** @throws CommandLineError "bad_argument". */
function requireTheme(word: string, span: Span | undefined): void {
  if (THEMES.some((each) => each === word)) return
  const hint = didYouMean(word, THEMES) || `: there are ${THEMES.join(", ")}`
  throw new CommandLineError("bad_argument", `no theme is called "${word}"${hint}`, span)
}
