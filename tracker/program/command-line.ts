import { closeSync, openSync, readSync } from "node:fs"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { DEFAULT_INTERVAL_SECONDS } from "../../core/announce/shapes.js"
import { reasonOf } from "../../core/base/errno-words.js"
import { ConfigError, errnoOf } from "../../core/base/errors.js"
import { homeFolder } from "../../core/base/home-folder.js"
import { DEFAULT_FORGET_SECONDS, DEFAULT_MAX_DOCUMENTS } from "../peers/peer-store.js"
import { parseRedisAddress, type RedisAddress } from "../stores/redis-address.js"
import { DEFAULT_HOST, DEFAULT_PORT } from "./server.js"
import { SHELLS, type Shell } from "./shell-completion.js"

const DAY = 86_400

/** Our clients keep to intervals from 5 s to an hour (core/announce/schedule.ts). */
const MIN_INTERVAL_SECONDS = 10
const MAX_INTERVAL_SECONDS = 3_600

export type StoreChoice =
  | { readonly kind: "memory" }
  | { readonly kind: "disk"; readonly folder: string }
  | { readonly kind: "redis"; readonly address: RedisAddress }

/** How to run a tracker. */
export interface RunOptions {
  readonly host: string
  readonly port: number
  readonly store: StoreChoice
  readonly proxies: readonly string[]
  readonly intervalSeconds: number
  readonly workers: number
  /** A document without an announce for this time is removed. */
  readonly forgetSeconds: number
  /** Of a memory or disk store. */
  readonly maxDocuments: number
  /** Share of the requests that is logged, 0 to 1. */
  readonly logRequests: number
  /** Of a private tracker. */
  readonly token?: string
}

/** What the command line asks for. */
export type CommandLine =
  | { readonly action: "help" }
  | { readonly action: "version" }
  | { readonly action: "completion"; readonly shell: Shell }
  | { readonly action: "run"; readonly options: RunOptions }

/**
 * Reads the arguments after the program's name; `environment` is asked for XDG_DATA_HOME, P2P_TRACKER_STORE and
 * P2P_TRACKER_TOKEN. Throws a ConfigError
 * "bad_usage" that names what is wrong.
 */
export function parseCommandLine(args: readonly string[], environment: NodeJS.ProcessEnv = {}): CommandLine {
  const { values, positionals } = parseOrRefuse(args)
  if (values.help === true) return { action: "help" }
  if (values.version === true) return { action: "version" }
  const [host = DEFAULT_HOST, port, ...more] = positionals
  const shell = SHELLS.find((each) => each === port)
  if (host === "completion" && shell !== undefined && more.length === 0) return { action: "completion", shell }
  if (more.length > 0) throw new ConfigError("bad_usage", `[host] and [port] are all it takes, got "${more[0]}" too`)
  const store = parseStore(values.store ?? environment["P2P_TRACKER_STORE"] ?? "disk", values.data, environment)
  return {
    action: "run",
    options: {
      host: parseHost(host),
      port: port === undefined ? DEFAULT_PORT : parsePort(port),
      store,
      intervalSeconds: parseInterval(values.interval),
      workers: parseWorkers(values.workers, store),
      logRequests: parseShare(values["log-requests"]),
      forgetSeconds: parseWhole("--forget-after", values["forget-after"], DEFAULT_FORGET_SECONDS / DAY, 3_650) * DAY,
      maxDocuments: parseWhole("--max-documents", values["max-documents"], DEFAULT_MAX_DOCUMENTS, 100_000_000),
      proxies: values.proxy ?? [],
      ...readToken(values["token-file"], environment),
    },
  }
}

function parseOrRefuse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        store: { type: "string" },
        data: { type: "string" },
        proxy: { type: "string", multiple: true },
        "token-file": { type: "string" },
        interval: { type: "string" },
        workers: { type: "string" },
        "log-requests": { type: "string" },
        "forget-after": { type: "string" },
        "max-documents": { type: "string" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
      },
    })
  } catch (error) {
    if (error instanceof Error && errnoOf(error)?.startsWith("ERR_PARSE_ARGS"))
      throw new ConfigError("bad_usage", error.message, { cause: error })
    throw error
  }
}

/** Node takes an empty host for every address of the machine. */
function parseHost(host: string): string {
  if (host === "") throw emptyArgument("the host")
  if (/[\s/]|^[^:]*:\d*$/.test(host))
    throw new ConfigError("bad_usage", `the host is an address of this machine without a port, got "${host}"`)
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host
}

function emptyArgument(what: string): ConfigError {
  return new ConfigError("bad_usage", `${what} is empty; is a variable of the shell not set?`)
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new ConfigError("bad_usage", `the port must be from 0 to 65535, got "${text}"`)
  return port
}

function parseInterval(text: string | undefined): number {
  const seconds = text === undefined ? DEFAULT_INTERVAL_SECONDS : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (!(seconds >= MIN_INTERVAL_SECONDS && seconds <= MAX_INTERVAL_SECONDS))
    throw new ConfigError(
      "bad_usage",
      `--interval must be from ${MIN_INTERVAL_SECONDS} to ${MAX_INTERVAL_SECONDS} seconds, got "${text}"`,
    )
  return seconds
}

function parseWorkers(text: string | undefined, store: StoreChoice): number {
  const workers = text === undefined ? 1 : /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (workers < 1) throw new ConfigError("bad_usage", `--workers must be a whole number from 1 to 999, got "${text}"`)
  if (workers > 1 && store.kind === "memory")
    throw new ConfigError("bad_usage", "--workers needs a store that they share: --store disk or a Redis")
  return workers
}

function parseWhole(option: string, text: string | undefined, byDefault: number, max: number): number {
  const value = text === undefined ? byDefault : /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (!(value >= 1 && value <= max))
    throw new ConfigError("bad_usage", `${option} must be a whole number from 1 to ${max}, got "${text}"`)
  return value
}

function parseShare(text: string | undefined): number {
  const share = text === undefined ? 0 : text.trim() === "" ? Number.NaN : Number(text)
  if (!(share >= 0 && share <= 1))
    throw new ConfigError("bad_usage", `--log-requests must be a number from 0 to 1, got "${text}"`)
  return share
}

function parseStore(kind: string, folder: string | undefined, environment: NodeJS.ProcessEnv): StoreChoice {
  if (folder === "") throw emptyArgument("--data")
  if (kind === "disk") return { kind, folder: resolve(folder ?? defaultFolder(environment)) }
  if (folder !== undefined) throw new ConfigError("bad_usage", "--data is of use with --store disk only")
  if (kind === "memory") return { kind }
  if (kind.startsWith("redis")) return { kind: "redis", address: parseRedisAddress(kind) }
  throw new ConfigError("bad_usage", `--store must be disk, memory or a Redis, got "${kind}"`)
}

/** RFC 6750, 2.1: what a bearer token may be made of. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/

/** Not an argument of its own: every user of the machine may read those. */
function readToken(file: string | undefined, environment: NodeJS.ProcessEnv): { readonly token?: string } {
  if (file === "") throw emptyArgument("--token-file")
  const text = file === undefined ? environment["P2P_TRACKER_TOKEN"] : readTokenFile(file)
  if (text === undefined) return {}
  const token = text.trim()
  if (TOKEN.test(token)) return { token }
  throw new ConfigError("bad_usage", `${file ?? "P2P_TRACKER_TOKEN"} holds no token: letters, digits and any of ._~+/-`)
}

/** A token has some 40 bytes; what is longer is another file, or a device without an end. Our choice. */
const MAX_TOKEN_FILE_BYTES = 4_096

function readTokenFile(file: string): string {
  try {
    const bytes = readStart(file, MAX_TOKEN_FILE_BYTES + 1)
    if (bytes.length <= MAX_TOKEN_FILE_BYTES) return bytes.toString("utf8")
    throw new ConfigError("bad_usage", `${file} holds no token: it has more than ${MAX_TOKEN_FILE_BYTES} bytes`)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError("bad_usage", `the token file ${file} can't be read: ${reasonOf(error)}`, { cause: error })
  }
}

/** A pipe (`<(…)`) gives its bytes in several reads. */
function readStart(file: string, maxBytes: number): Buffer {
  const bytes = Buffer.alloc(maxBytes)
  const fd = openSync(file, "r")
  try {
    let length = 0
    for (let read = -1; read !== 0 && length < maxBytes; length += read)
      read = readSync(fd, bytes, length, maxBytes - length, null)
    return bytes.subarray(0, length)
  } finally {
    closeSync(fd)
  }
}

/** The XDG base directory specification ignores a relative XDG_DATA_HOME. */
function defaultFolder(environment: NodeJS.ProcessEnv): string {
  const dataHome = environment["XDG_DATA_HOME"]
  if (dataHome?.startsWith("/") === true) return join(dataHome, "p2p-tracker")
  return join(homeFolder("the data folder (--data sets another)"), ".local", "share", "p2p-tracker")
}
