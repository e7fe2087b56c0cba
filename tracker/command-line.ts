import { parseArgs } from "node:util"
import { ConfigError, errnoOf } from "../core/errors.js"
import { DEFAULT_HOST, DEFAULT_PORT } from "./server.js"

export const USAGE = `usage: p2p-tracker [host] [port]

The meeting point of p2p-tui clients: knows which peers have which document, nothing else.

  host   address to listen on, default ${DEFAULT_HOST}; 0.0.0.0 for every IPv4 address of this machine, :: for all
  port   default ${DEFAULT_PORT}; 0 takes any free one

  -h, --help       show this
  -v, --version    show the version

Writes one JSON line per noteworthy thing to stdout. SIGINT or SIGTERM ends it in order.
Exit status: 0 ended as asked, 1 failed, 2 the command line or the address can't be used.
`

/** What the command line asks for. */
export type CommandLine =
  | { readonly action: "help" }
  | { readonly action: "version" }
  | { readonly action: "run"; readonly host: string; readonly port: number }

/** Reads the arguments after the program's name. Throws a ConfigError "bad_usage" that names what is wrong. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseOrRefuse(args)
  if (values.help === true) return { action: "help" }
  if (values.version === true) return { action: "version" }
  const [host = DEFAULT_HOST, port, ...more] = positionals
  if (more.length > 0) throw new ConfigError("bad_usage", `[host] and [port] are all it takes, got "${more[0]}" too`)
  return { action: "run", host: unbracket(host), port: port === undefined ? DEFAULT_PORT : parsePort(port) }
}

function parseOrRefuse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" }, version: { type: "boolean", short: "v" } },
    })
  } catch (error) {
    if (error instanceof Error && errnoOf(error)?.startsWith("ERR_PARSE_ARGS"))
      throw new ConfigError("bad_usage", error.message, { cause: error })
    throw error
  }
}

function unbracket(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new ConfigError("bad_usage", `the port must be from 0 to 65535, got "${text}"`)
  return port
}
