import { EXIT_CODE_MEANINGS } from "../tui/base/exit-codes.js"
import type { Command } from "../tui/commands/command.js"
import { flagWithValue, usageOf } from "../tui/commands/parse.js"
import { COMMANDS } from "../tui/commands/table.js"
import { OPTIONS } from "../tui/program/cli.js"
import { ABOUT_CALLS, ABOUT_CONFIG, ABOUT_MODES, ABOUT_PATHS, FORMS } from "../tui/program/usage.js"
import type { Entry, Page } from "./roff.js"

/** Of p2p-tui, made from the program's own tables of commands and options. */
export function clientPage(version: string, date: string | undefined): Page {
  return {
    name: "p2p-tui",
    about: "share large files and folders inside a team, a lab or a cluster",
    ...{ version, date },
    synopsis: FORMS,
    sections: [
      {
        heading: "Description",
        paragraphs: [
          "Every client seeds what it has and downloads from all clients that have it. A tracker, p2p-tracker, knows which clients have which document; file data never passes through it.",
          "Documents are private by default: the torrent file or the link that upload makes is the key.",
          ABOUT_MODES,
          ABOUT_CONFIG,
          ABOUT_CALLS,
          ABOUT_PATHS,
        ],
      },
      { heading: "Options", paragraphs: ["They stand before the command."], entries: OPTIONS },
      {
        heading: "Commands",
        paragraphs: ["The same on the screen after a colon, in line mode, and as single commands."],
        entries: COMMANDS.map(commandEntry),
      },
      { heading: "Exit status", entries: EXIT_CODE_MEANINGS.map(([code, summary]) => ({ usage: `${code}`, summary })) },
      { heading: "Environment", entries: ENVIRONMENT },
      { heading: "Files", entries: FILES },
      { heading: "Examples", examples: EXAMPLES },
      { heading: "See also", paragraphs: ["p2p-tracker(1). The folder docs of the package describes everything."] },
    ],
  }
}

function commandEntry(command: Command): Entry {
  const { summary, flags } = command
  const entries = flags.map((flag) => ({ usage: flagWithValue(flag), summary: flag.summary }))
  return { usage: usageOf(command), summary, entries }
}

const ENVIRONMENT: readonly Entry[] = [
  { usage: "NO_COLOR", summary: "set and not empty: no colours" },
  {
    usage: "LC_ALL, LC_CTYPE, LANG",
    summary: "the first that is set: everything is drawn in ASCII where it names no UTF-8",
  },
  { usage: "TERM", summary: "dumb: line mode" },
  { usage: "XDG_CONFIG_HOME", summary: "where the config is looked for that no argument names" },
  { usage: "XDG_RUNTIME_DIR", summary: "where the socket of the running client is if the state folder can't have one" },
]

const FILES: readonly Entry[] = [
  { usage: "~/.config/p2p-tui/config.json", summary: "the config where no argument names one; p2p-tui init writes it" },
  { usage: "~/p2p-tui", summary: "the service folder where there is no config" },
  { usage: "<service>/.p2p-tui", summary: "the state of the client: its list, its log, the socket for commands" },
  { usage: "<target>.part", summary: "a download that is not complete" },
]

const EXAMPLES: readonly string[] = [
  "p2p-tui upload ./x",
  "p2p-tui download '<link>'",
  "p2p-tui cfg.json --daemon",
  "p2p-tui cfg.json wait big.iso --peers 200 --timeout 30m",
  'eval "$(p2p-tui completion bash)"',
]
