import { EXIT_CODE_MEANINGS } from "../base/exit-codes.js"
import { commandSummaries } from "../commands/help.js"
import { COMMANDS } from "../commands/table.js"
import { OPTIONS } from "./cli.js"

/** The forms of the command. */
export const FORMS: readonly string[] = [
  "p2p-tui [config.json] [options] [command …]",
  "p2p-tui init [config.json]",
  "p2p-tui completion bash|zsh|fish",
]

export const ABOUT_CONFIG =
  "Without a config: that in the user's config folder (p2p-tui/config.json), else the service folder ~/p2p-tui and no tracker but that of a link. init asks three questions and writes a config."
export const ABOUT_MODES =
  "Without a command: the full screen on a terminal, line mode elsewhere (one command a line on stdin)."
export const ABOUT_CALLS = "If a client runs on the service folder, it carries the command out; quit ends it."
export const ABOUT_PATHS =
  "Relative paths of a command begin in the current folder, on the screen and in line mode in the service folder."

/** What `--help` prints, made from the program's own tables of commands and options. */
export function usageText(): string {
  const optionWidth = Math.max(...OPTIONS.map((option) => option.usage.length))
  const sections = [
    `Usage: ${FORMS.join("\n       ")}`,
    ABOUT_CONFIG.replace(". init", ".\ninit"),
    ABOUT_MODES,
    section(
      "Options",
      OPTIONS.map((option) => `${option.usage.padEnd(optionWidth)}  ${option.summary}`),
    ),
    section("Commands (the same on the screen after ':', in line mode, and here)", commandSummaries(COMMANDS)),
    ABOUT_CALLS,
    ABOUT_PATHS,
    section(
      "Exit codes",
      EXIT_CODE_MEANINGS.map(([code, meaning]) => `${String(code).padStart(3)}  ${meaning}`),
    ),
  ]
  return `${sections.join("\n\n")}\n`
}

function section(title: string, lines: readonly string[]): string {
  return [`${title}:`, ...lines.map((line) => `  ${line}`)].join("\n")
}
