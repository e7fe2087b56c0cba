import { DEFAULT_INTERVAL_SECONDS } from "../../core/announce/shapes.js"
import { DEFAULT_MAX_DOCUMENTS } from "../peers/peer-store.js"
import { REDIS_FORMS } from "../stores/redis-address.js"
import { DEFAULT_HOST, DEFAULT_PORT } from "./server.js"

/** One argument or option, as help, the manual and the completion of shells show it. */
export interface Explained {
  /** "--store <store>" */
  readonly usage: string
  readonly summary: string
}

/** The forms of the command. */
export const FORMS: readonly string[] = ["p2p-tracker [host] [port] [options]", "p2p-tracker completion bash|zsh|fish"]

export const ABOUT = "The meeting point of p2p-tui clients: knows which peers have which document, nothing else."

export const ARGUMENTS: readonly Explained[] = [
  {
    usage: "host",
    summary: `address to listen on, default ${DEFAULT_HOST}; 0.0.0.0 for every IPv4 address of this machine, :: for all`,
  },
  { usage: "port", summary: `default ${DEFAULT_PORT}; 0 takes any free one` },
]

export const OPTIONS: readonly Explained[] = [
  {
    usage: "--store <store>",
    summary: `disk (default) forgets nothing when it is killed; memory forgets everything; a Redis is shared by any number of trackers on any number of machines: ${REDIS_FORMS[0]}, ${REDIS_FORMS[1]}; $P2P_TRACKER_STORE says the same where no other user may read the password`,
  },
  {
    usage: "--data <folder>",
    summary:
      "where the disk store is, default $XDG_DATA_HOME/p2p-tracker or ~/.local/share/p2p-tracker; on a local disk; several trackers on one machine may share it, those in containers not",
  },
  {
    usage: "--proxy <address>",
    summary: "believe X-Forwarded-For of this proxy or network (10.0.0.0/8); may be given more than once",
  },
  {
    usage: "--token-file <file>",
    summary: "a private tracker: answers only requests with the token in this file; or $P2P_TRACKER_TOKEN",
  },
  {
    usage: "--interval <s>",
    summary: `seconds between the announces of a client, 10 to 3600, default ${DEFAULT_INTERVAL_SECONDS}; longer for large swarms. A peer is forgotten after three of them without a word; the same for all trackers on one store`,
  },
  {
    usage: "--workers <n>",
    summary: "number of processes on one port, for the cores of one machine; with a disk store or Redis; default 1",
  },
  {
    usage: "--forget-after <days>",
    summary: "forget a document without an announce for this time while the tracker ran; 1 to 3650, default 90",
  },
  {
    usage: "--max-documents <n>",
    summary: `of a disk or memory store; a full store drops documents without use for a day, and answers 507 to new ones until then; default ${DEFAULT_MAX_DOCUMENTS}. A Redis has its own maxmemory`,
  },
  { usage: "--log-requests <share>", summary: "log this share of the requests, 0 to 1; default 0" },
  { usage: "-h, --help", summary: "show this" },
  { usage: "-v, --version", summary: "show the version" },
]

export const OUTPUT =
  "Writes one JSON line per noteworthy thing to stdout. SIGINT, SIGTERM or a closed terminal ends it in order."

export const EXIT_STATUS: readonly (readonly [number, string])[] = [
  [0, "ended as asked"],
  [1, "failed"],
  [2, "the command line is wrong"],
  [75, "not now: the address, the port or the data folder can't be had yet, so try again"],
]

/** Of a terminal. */
const COLUMNS = 120

/** What `--help` prints. */
export function usageText(): string {
  return `usage: ${FORMS.join("\n       ")}

${ABOUT}

${columns(ARGUMENTS)}

${columns(OPTIONS)}

${OUTPUT}
Exit status: ${EXIT_STATUS.map(([status, meaning]) => `${status} ${meaning}`).join(", ")}.
`
}

function columns(explained: readonly Explained[]): string {
  const width = Math.max(...explained.map(({ usage }) => usage.length))
  return explained
    .flatMap(({ usage, summary }) =>
      wrapped(summary, COLUMNS - width - 4).map((line, at) => `  ${(at === 0 ? usage : "").padEnd(width)}  ${line}`),
    )
    .join("\n")
}

/** Breaks between words only. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line]
}
