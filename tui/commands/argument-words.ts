import { THEMES } from "../base/screen-config.js"
import type { ArgumentKind } from "./command.js"
import { COMMANDS } from "./table.js"

/** Kinds of arguments whose words are the same for every client. */
type FixedKind = Extract<ArgumentKind, "direction" | "rate" | "theme" | "command">

/** The words that complete an argument of such a kind, on the screen and in a shell. */
export function fixedWords(kind: FixedKind): readonly string[] {
  switch (kind) {
    case "direction":
      return ["down", "up", "none"]
    case "rate":
      return ["none"]
    case "theme":
      return THEMES
    case "command":
      return COMMANDS.map(({ name }) => name)
    default:
      return kind satisfies never
  }
}
