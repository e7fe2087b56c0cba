import { parseArgs } from "node:util"
import { ConfigError, type ListedHost, parseHost, parseHostLists } from "../../core/index.js"
import { didYouMean } from "../base/nearest.js"
import { COMMANDS } from "../commands/table.js"
import type { LogLevel } from "../config/config.js"

/** What the shell asked for. */
export type Invocation =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  /** To write a config, where it is named. */
  | { readonly kind: "init"; readonly path: string | undefined }
  /** To print the completion script of a shell. */
  | { readonly kind: "completion"; readonly shell: Shell }
  /** To print what names the documents of the running client, for such a script. */
  | { readonly kind: "documents"; readonly configPath: string | undefined }
  | {
      readonly kind: "run"
      /** Undefined: the user's own config, or the defaults. */
      readonly configPath: string | undefined
      /** A one-shot command and its arguments; empty for the screen or line mode. */
      readonly words: readonly string[]
      readonly plain: boolean
      readonly json: boolean
      readonly seed: boolean
      /** Serve in the background. */
      readonly daemon: boolean
      readonly ascii: boolean
      readonly logLevel: LogLevel | undefined
      /** The program of `--on-done`. */
      readonly onDone: string | undefined
      /** Hosts of `--peers`, besides those of the config. */
      readonly peers: readonly ListedHost[]
      /** Of `--address`, before that of the config: where others reach this client. */
      readonly address: { readonly host?: string; readonly port?: number }
    }

/** The program's own options, as help shows them. They stand before the command; what follows it belongs to it. */
export const OPTIONS: readonly { readonly usage: string; readonly summary: string }[] = [
  { usage: "--plain", summary: "line mode, also on a terminal: commands on stdin, events on stdout" },
  { usage: "--json", summary: "line mode or command with one JSON object a line" },
  { usage: "--seed", summary: "keep serving when everything is done, until SIGINT or SIGTERM" },
  { usage: "--daemon", summary: "serve in the background: returns when the client serves; quit ends it" },
  { usage: "--ascii", summary: "draw the screen with ASCII characters only" },
  {
    usage: "--peers <hosts>",
    summary: "hosts that may have the documents, such as node[001-128].lab:7001; may be repeated",
  },
  {
    usage: "--on-done <program>",
    summary: "run this program for every download that is complete, instead of hooks.done",
  },
  { usage: "--address <host[:port]>", summary: "where others reach this client, before the announce of the config" },
  { usage: "--log-level <level>", summary: "debug, info, warn or error; how much goes into the log file" },
  { usage: "--help", summary: "this text" },
  { usage: "--version", summary: "the version" },
]

const PARSED_OPTIONS = {
  plain: { type: "boolean" },
  json: { type: "boolean" },
  seed: { type: "boolean" },
  daemon: { type: "boolean" },
  ascii: { type: "boolean" },
  "log-level": { type: "string" },
  peers: { type: "string", multiple: true },
  "on-done": { type: "string" },
  address: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const

export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"]

/** Parses the arguments after the program's name. Throws ConfigError ("bad_usage"). */
export function parseCli(argv: readonly string[]): Invocation {
  const { own, words } = splitAtCommand(argv)
  // Not strict, so that the messages about unknown options are ours.
  const { values, positionals, tokens } = parseArgs({
    args: [...own],
    options: PARSED_OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  for (const token of tokens) if (token.kind === "option") checkOption(token.name, token.rawName, token.value)
  if (values["help"] === true) return { kind: "help" }
  if (values["version"] === true) return { kind: "version" }
  const configPath = positionals[0]
  if (words.command[0] === INIT) return { kind: "init", path: initPathOf(words.command) }
  if (configPath === "")
    throw new ConfigError("bad_usage", "the path of the config file is empty; is a variable of the shell not set?")
  if (configPath !== undefined && !isConfigPath(configPath)) throw neither(configPath)
  if (words.command[0] === COMPLETION) return completionOf(words.command, configPath)
  const flag = (name: string): boolean => values[name] === true || words.flags.has(name)
  if (flag("daemon") && words.command.length > 0)
    throw new ConfigError("bad_usage", "--daemon takes no command: start the client, then give it the command")
  return {
    kind: "run",
    configPath,
    words: words.command,
    plain: flag("plain"),
    json: flag("json"),
    seed: flag("seed"),
    daemon: flag("daemon"),
    ascii: flag("ascii"),
    logLevel: LOG_LEVELS.find((level) => level === values["log-level"]),
    onDone: typeof values["on-done"] === "string" ? values["on-done"] : undefined,
    peers: hostsOf(tokens),
    address: typeof values["address"] === "string" ? parsedAddress(values["address"]) : {},
  }
}

/** An option's value may stand in the next word. */
export const OPTIONS_WITH_VALUE: ReadonlySet<string> = new Set(["--log-level", "--peers", "--address", "--on-done"])

/** Flags that may also stand after a command, where people put them: "download a.torrent.json --json". */
export const TRAILING_FLAGS: ReadonlySet<string> = new Set(["plain", "json", "seed", "daemon"])

/** Asks questions, and writes a config. Not a command of a client, as `COMPLETION`. */
export const INIT = "init"

/** Prints the completion script of a shell. */
export const COMPLETION = "completion"

/** Shells that have one. */
export const SHELLS = ["bash", "zsh", "fish"] as const
export type Shell = (typeof SHELLS)[number]

const COMMAND_NAMES: ReadonlySet<string> = new Set([INIT, COMPLETION, ...COMMANDS.map(({ name }) => name)])

/** A config is a path of a file; a name alone ends in ".json". */
function isConfigPath(word: string): boolean {
  return word.endsWith(".json") || /[/\\]/.test(word)
}

function neither(word: string): ConfigError {
  const isDocument = /^(?:magnet|p2p-tui):|\.torrent$/i.test(word)
  const hint = isDocument
    ? "; to download it: p2p-tui download <link or torrent>"
    : didYouMean(word, [...COMMAND_NAMES])
  const shown = isDocument ? "this" : `"${word}"`
  return new ConfigError("bad_usage", `${shown} is neither a command nor a config (*.json)${hint}`)
}

function initPathOf([, path, ...more]: readonly string[]): string | undefined {
  if (more.length > 0 || path?.startsWith("-") === true)
    throw new ConfigError("bad_usage", "init takes the path of the config to write, and nothing else")
  return path
}

function completionOf([, what, ...more]: readonly string[], configPath: string | undefined): Invocation {
  const shell = SHELLS.find((each) => each === what)
  if (shell !== undefined && more.length === 0) return { kind: "completion", shell }
  if (what === "documents" && more.length === 0) return { kind: "documents", configPath }
  throw new ConfigError("bad_usage", `completion takes the name of a shell: ${SHELLS.join(", ")}`)
}

/** The first word that is no option begins the command when it names one; else it is the config, and the second one begins it. */
function splitAtCommand(argv: readonly string[]) {
  let seen = 0
  const start = argv.findIndex((word, index) => {
    const isValue = OPTIONS_WITH_VALUE.has(argv[index - 1] ?? "")
    if (word.startsWith("-") || isValue) return false
    seen++
    return seen === 2 || COMMAND_NAMES.has(word)
  })
  if (start === -1) return { own: argv, words: { command: [] as string[], flags: new Set<string>() } }
  const command: string[] = []
  const flags = new Set<string>()
  const end = argv.indexOf("--", start)
  for (const [index, word] of argv.slice(start).entries()) {
    const beforeEnd = end === -1 || index + start < end
    if (beforeEnd && word.startsWith("--") && TRAILING_FLAGS.has(word.slice(2))) flags.add(word.slice(2))
    else command.push(word)
  }
  return { own: argv.slice(0, start), words: { command, flags } }
}

function checkOption(name: string, rawName: string, value: string | undefined): void {
  const spec = Object.entries(PARSED_OPTIONS).find(([known]) => known === name)?.[1]
  if (spec === undefined) {
    const known = Object.keys(PARSED_OPTIONS).map((each) => `--${each}`)
    throw new ConfigError("bad_usage", `unknown option "${rawName}"${didYouMean(rawName, known)}`)
  }
  if (spec.type === "boolean" && value !== undefined) {
    throw new ConfigError("bad_usage", `${rawName} takes no value, got "${value}"`)
  }
  if (name === "on-done" && (value ?? "") === "")
    throw new ConfigError("bad_usage", "--on-done needs the name or path of a program")
  if (name === "peers") parsedHosts([value ?? ""])
  if (name === "address") parsedAddress(value ?? "")
  if (name === "log-level" && !LOG_LEVELS.some((level) => level === value)) {
    throw new ConfigError("bad_usage", `--log-level is ${value || "empty"}; allowed: ${LOG_LEVELS.join(", ")}`)
  }
}

interface OptionToken {
  readonly kind: string
  readonly name?: string
  readonly value?: string | undefined
}

function hostsOf(tokens: readonly OptionToken[]): readonly ListedHost[] {
  const lists = tokens.flatMap(({ kind, name, value }) => (kind === "option" && name === "peers" ? [value ?? ""] : []))
  return lists.length === 0 ? [] : parsedHosts(lists)
}

function parsedHosts(lists: readonly string[]): readonly ListedHost[] {
  const hosts = parseHostLists(lists)
  if (typeof hosts === "string") throw new ConfigError("bad_usage", `--peers: ${hosts}`)
  return hosts
}

/** "203.0.113.5", "203.0.113.5:17001", "fd00::5", "[fd00::5]:17001", ":17001". */
function parsedAddress(text: string): { readonly host?: string; readonly port?: number } {
  const bare = parseHost(text)
  const [, host = "", digits] = bare === undefined ? (/^(.*):(\d{1,5})$/.exec(text) ?? []) : [text, text]
  const parsed = host === "" ? undefined : parseHost(host)
  const port = digits === undefined ? undefined : Number(digits)
  const isHost =
    parsed === undefined ? host === "" && port !== undefined : parsed.kind === "ordinary" || parsed.kind === "loopback"
  if (!isHost || (port !== undefined && (port < 1 || port > 65_535)))
    throw new ConfigError(
      "bad_usage",
      `--address is ${text || "empty"}; allowed: an IP address, with or without a port, such as 203.0.113.5:7001`,
    )
  return { ...(parsed !== undefined && { host: parsed.host }), ...(port !== undefined && { port }) }
}
