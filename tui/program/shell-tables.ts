import { fixedWords } from "../commands/argument-words.js"
import type { ArgumentKind } from "../commands/command.js"
import { COMMANDS } from "../commands/table.js"
import { COMPLETION, INIT, LOG_LEVELS, OPTIONS, OPTIONS_WITH_VALUE, SHELLS, TRAILING_FLAGS } from "./cli.js"

/** What a shell completes: files, documents of the running client, or one of these words. */
export type ShellKind = "files" | "documents" | readonly string[]

/** One command, as a shell completes it. */
export interface ShellCommand {
  readonly name: string
  readonly summary: string
  readonly flags: readonly { readonly name: string; readonly hasValue: boolean; readonly summary: string }[]
  readonly kinds: readonly ShellKind[]
}

/** Options that stand before the command. */
export const SHELL_OPTIONS = OPTIONS.map(({ usage, summary }) => {
  const name = usage.split(" ")[0] ?? usage
  return { name, hasValue: OPTIONS_WITH_VALUE.has(name), summary }
})

/** Options of the program that every command takes too. */
const EVERYWHERE = SHELL_OPTIONS.filter(
  ({ name }) => (TRAILING_FLAGS.has(name.slice(2)) && name !== "--daemon") || name === "--help",
)

export const SHELL_LOG_LEVELS: readonly string[] = LOG_LEVELS

/** Every command that a shell can give. */
export const SHELL_COMMANDS: readonly ShellCommand[] = [
  ...COMMANDS.map(({ name, summary, flags, arguments: specs }) => ({
    name,
    summary,
    flags: [...flags.map((flag) => ({ ...flag, hasValue: flag.value !== undefined })), ...EVERYWHERE],
    kinds: specs.map(({ kind }) => shellKind(kind)),
  })),
  { name: INIT, summary: "asks three questions and writes a config", flags: [], kinds: ["files"] },
  { name: COMPLETION, summary: "the completion script of a shell", flags: [], kinds: [SHELLS] },
]

function shellKind(kind: ArgumentKind): ShellKind {
  switch (kind) {
    case "file":
    case "torrent":
    case "target":
      return "files"
    case "document":
      return "documents"
    default:
      return fixedWords(kind)
  }
}
