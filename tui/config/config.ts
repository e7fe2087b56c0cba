import { access, constants, stat } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import {
  errnoOf,
  homeFolder,
  type ListedHost,
  noSuchFileWords,
  parseHostLists,
  readAtMost,
  reasonOf,
} from "../../core/index.js"
import { parseRate } from "../base/rate.js"
import { DEFAULT_SCREEN, type ScreenConfig } from "../base/screen-config.js"
import { BadConfigError } from "./bad-config-error.js"
import { parseConfig, type RawConfig, TOKEN } from "./config-schema.js"
import { parseTrackerHost, type TrackerAddress } from "./tracker-address.js"

/** What a config file says, checked, with its defaults and absolute paths. See docs/user/config.md. */
export interface Config {
  /** Absolute, exists, can be read; and written where the config names no other folder for the state. */
  readonly serviceFolder: string
  /** Absolute: where this client keeps what it must remember. */
  readonly stateFolder: string
  /** `orAnyPort`: any free one where that port is in use. */
  readonly listen: { readonly host: string; readonly port: number; readonly orAnyPort?: boolean }
  /** Where others reach this client, when that is not where it listens: behind a router, in a container. */
  readonly announce: { readonly host?: string; readonly port?: number }
  /** The first that answers is used; may be empty. */
  readonly trackers: readonly TrackerAddress[]
  /** Hosts that may have any of the documents. */
  readonly peers: readonly ListedHost[]
  /** Peers are found on the local network, and find us. */
  readonly lan: boolean
  readonly limits: { readonly downBytesPerSecond?: number; readonly upBytesPerSecond?: number }
  /** Where metrics are served, on loopback; undefined: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined
  /** Torrent files that come into the service folder while the client runs are taken up. */
  readonly watch: boolean
  /** Programs that are run when a download is complete and synced to disk, or a document has failed; one with a folder in its name has an absolute path. */
  readonly hooks: { readonly done?: Hook; readonly failed?: Hook }
  readonly logLevel: LogLevel
  /** Undefined: as the locale of the terminal has it. */
  readonly ascii: boolean | undefined
  readonly screen: ScreenConfig
}

/** A program and its arguments; no shell reads them. */
export type Hook = readonly [program: string, ...args: string[]]

export type LogLevel = "debug" | "info" | "warn" | "error"

/** A config of this kind has a few hundred bytes; a file larger than this is another file. */
const CONFIG_CAP_BYTES = 1024 * 1024

/** Reads and checks a config file. Throws BadConfigError. */
export async function loadConfig(path: string): Promise<Config> {
  const raw = parseConfig(await readConfigText(path))
  if (raw.faults !== undefined) throw new BadConfigError(path, raw.faults)
  const base = dirname(resolve(path))
  const serviceFolder = resolveFolder(raw.config.self.service, base)
  const { state } = raw.config
  const fault = await folderFault(serviceFolder, state === undefined)
  if (fault !== undefined) throw new BadConfigError(path, [`self.service: ${fault}`])
  const named = [raw.config.tracker ?? []].flat()
  const trackers: TrackerAddress[] = []
  for (const tracker of named) trackers.push(await trackerFrom(tracker, base, path))
  const stateFolder = state === undefined ? join(serviceFolder, ".p2p-tui") : resolveFolder(state, base)
  return { ...configFrom(raw.config, { serviceFolder, stateFolder }, trackers), hooks: hooksOf(raw.config, base) }
}

async function readConfigText(path: string): Promise<string> {
  try {
    // The size of a pipe (`<(…)`) is known only after reading it, and a device has no end.
    const bytes = await readAtMost(path, CONFIG_CAP_BYTES)
    if (bytes.length > CONFIG_CAP_BYTES)
      throw new BadConfigError(path, [`has more than ${CONFIG_CAP_BYTES} bytes, the most that is read of such a file`])
    return Buffer.from(bytes).toString("utf8")
  } catch (cause) {
    if (cause instanceof BadConfigError) throw cause
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: noSuchFileWords(path),
      EISDIR: "is a folder, not a config file",
      EACCES: "may not be read",
    }
    const errno = errnoOf(cause)
    if (errno === undefined) throw cause
    throw new BadConfigError(path, [reasons[errno] ?? `can't be read: ${reasonOf(cause)}`], { cause })
  }
}

/** A path as a config has it: absolute, below the home folder ("~"), or relative to `base`. */
export function resolveFolder(folder: string, base: string): string {
  if (folder === "~" || folder.startsWith("~/")) return resolve(homeFolder(folder), folder.slice(2))
  return resolve(base, folder)
}

/** Why a folder can't be the service folder, or undefined when it can. */
async function folderFault(folder: string, toBeWritten: boolean): Promise<string | undefined> {
  try {
    if (!(await stat(folder)).isDirectory()) return `${folder} is not a folder`
    await access(folder, constants.R_OK | constants.X_OK | (toBeWritten ? constants.W_OK : 0))
    return undefined
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno === undefined) throw cause
    if (errno === "ENOENT") return `the folder ${folder} does not exist; create it, or correct the path`
    const isReadOnly = toBeWritten && (await folderFault(folder, false)) === undefined
    if (isReadOnly)
      return `the folder ${folder} can't be written: ${reasonOf(cause)}; to share from it, name another one by "state"`
    return `the folder ${folder} can't be read: ${reasonOf(cause)}`
  }
}

/** A checked config with its defaults, but for hooks. */
export function configFrom(
  raw: RawConfig,
  folders: Pick<Config, "serviceFolder" | "stateFolder">,
  trackers: readonly TrackerAddress[],
): Omit<Config, "hooks"> {
  const down = rateOf(raw.limits?.download)
  const up = rateOf(raw.limits?.upload)
  return {
    ...folders,
    listen: { host: raw.self.host, port: raw.self.port },
    announce: {
      ...(raw.announce?.host === undefined ? {} : { host: raw.announce.host }),
      ...(raw.announce?.port === undefined ? {} : { port: raw.announce.port }),
    },
    trackers,
    lan: raw.lan ?? true,
    peers: checkedHosts([raw.peers ?? []].flat()),
    limits: {
      ...(down === undefined ? {} : { downBytesPerSecond: down }),
      ...(up === undefined ? {} : { upBytesPerSecond: up }),
    },
    watch: raw.watch ?? true,
    metrics: raw.metrics && { host: raw.metrics.host ?? "127.0.0.1", port: raw.metrics.port },
    logLevel: raw.log?.level ?? "info",
    ascii: raw.screen?.ascii,
    screen: {
      theme: raw.screen?.theme,
      notify: raw.screen?.notify ?? DEFAULT_SCREEN.notify,
      title: raw.screen?.title ?? DEFAULT_SCREEN.title,
      progress: raw.screen?.progress,
    },
  }
}

function hooksOf({ hooks }: RawConfig, base: string): Config["hooks"] {
  return {
    ...(hooks?.done && { done: hookOf(hooks.done, base) }),
    ...(hooks?.failed && { failed: hookOf(hooks.failed, base) }),
  }
}

/** A bare name is looked for in PATH; any other is a path, relative to the config file. */
function hookOf([program, ...args]: Hook, base: string): Hook {
  return [program.includes("/") ? resolveFolder(program, base) : program, ...args]
}

type RawTracker = Exclude<NonNullable<RawConfig["tracker"]>, readonly unknown[]>

async function trackerFrom(raw: RawTracker, base: string, path: string): Promise<TrackerAddress> {
  const address = { ...checkedHost(raw.host), port: raw.port }
  if (raw.token !== undefined) return { ...address, token: raw.token }
  if (raw.tokenFile === undefined) return address
  const file = resolveFolder(raw.tokenFile, base)
  const token = (await readConfigText(file)).trim()
  if (!TOKEN.test(token)) throw new BadConfigError(path, [`tracker.tokenFile: ${file} holds no token`])
  return { ...address, token }
}

function rateOf(limit: string | number | undefined): number | undefined {
  return typeof limit === "string" ? (parseRate(limit) ?? undefined) : limit
}

/** The schema has refused every list that can't be parsed. */
function checkedHosts(lists: readonly string[]): readonly ListedHost[] {
  const hosts = parseHostLists(lists)
  if (typeof hosts === "string") throw new TypeError(hosts)
  return hosts
}

/** The schema has refused every host that can't be parsed. */
function checkedHost(host: string): Pick<TrackerAddress, "protocol" | "host" | "path"> {
  const parsed = parseTrackerHost(host)
  if (typeof parsed === "string") throw new TypeError(parsed)
  return parsed
}
