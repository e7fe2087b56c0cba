import { stat } from "node:fs/promises"
import { networkInterfaces } from "node:os"
import { isAbsolute, join } from "node:path"
import { env, platform } from "node:process"
import { ConfigError, errnoOf, homeFolder, makeFolder, reasonOf } from "../../core/index.js"
import { type Config, configFrom, loadConfig } from "./config.js"

/** What a start goes by. */
export interface FoundConfig {
  readonly config: Config
  /** Of the config file; undefined where there is none. */
  readonly path: string | undefined
  /** There is no config file, and the service folder was made just now. */
  readonly isFirstStart: boolean
}

/** Where a client listens for peers without a config, if that port is free. */
export const DEFAULT_PORT = 7001

/** Where a tracker inside a client listens first. Our choice, beside 7001 of the peers: p2p-tracker's own port is taken on macOS. */
export const DEFAULT_TRACKER_PORT = 7101

/**
 * The config that was named, else the user's own, else the defaults, whose service folder is made. Rejects with a ConfigError.
 */
export async function findConfig(named: string | undefined): Promise<FoundConfig> {
  if (named !== undefined) return { config: await loadConfig(named), path: named, isFirstStart: false }
  const path = userConfigPath()
  if (await isThere(path)) return { config: await loadConfig(path), path, isFirstStart: false }
  const serviceFolder = defaultServiceFolder()
  const isFirstStart = !(await isThere(serviceFolder))
  await make(serviceFolder)
  return { config: defaultsFor(serviceFolder), path: undefined, isFirstStart }
}

/** The state folder of a client that is started so; nothing is made. Rejects with a ConfigError. */
export async function stateFolderFor(named: string | undefined): Promise<string> {
  const path = named ?? userConfigPath()
  if (named !== undefined || (await isThere(path))) return (await loadConfig(path)).stateFolder
  return defaultsFor(defaultServiceFolder()).stateFolder
}

/** Where a user's own config is looked for. */
export function userConfigPath(): string {
  const given = platform === "win32" ? env["APPDATA"] : env["XDG_CONFIG_HOME"]
  // XDG Base Directory: a relative path is none.
  const base = given !== undefined && isAbsolute(given) ? given : join(homeFolder("the config"), ".config")
  return join(base, "p2p-tui", "config.json")
}

export function defaultServiceFolder(): string {
  return join(homeFolder("the service folder ~/p2p-tui"), "p2p-tui")
}

function defaultsFor(serviceFolder: string): Config {
  const self = { service: serviceFolder, host: everyAddress(), port: DEFAULT_PORT }
  const config = configFrom({ self }, { serviceFolder, stateFolder: join(serviceFolder, ".p2p-tui") }, [])
  return { ...config, listen: { ...config.listen, orAnyPort: true }, hooks: {} }
}

/** "::" is IPv4 too, and needs a machine that has IPv6. */
export function everyAddress(): "::" | "0.0.0.0" {
  try {
    const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === "IPv6"))
    return hasIPv6 ? "::" : "0.0.0.0"
  } catch {
    // Android and some sandboxes do not list them.
    return "0.0.0.0"
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return false
    // The reader of it says why it can't be read.
    if (errnoOf(error) !== undefined) return true
    throw error
  }
}

async function make(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause
    throw new ConfigError("bad_service_folder", `the folder ${folder} can't be made: ${reasonOf(cause)}`, { cause })
  }
}
