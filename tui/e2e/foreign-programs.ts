import { spawnSync } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import type { Playground } from "./playground.js"

/** True when all these programs are installed. */
export function areInstalled(...programs: readonly string[]): boolean {
  return programs.every((program) => spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined)
}

/** Some programs talk on stderr: this brings both on one stream. `exec` keeps the pid. */
const withErrors = (command: readonly string[]): readonly string[] => ["sh", "-c", 'exec "$@" 2>&1', "sh", ...command]

/** What aria2 says when a download is whole and it leaves, and what its hook (echo) says when it begins to seed. */
export const ARIA2_DONE = /Download complete: \//
export const ARIA2_SEEDS = /^[0-9a-f]{16} \d+ \//

/**
 * aria2 on a standard metainfo file, its download or its seed in `folder`. Its only options turn off what a test can't
 * have: other networks to look for peers in. A download ends the program; `seed` keeps it serving, after a check of what is there.
 */
export function aria2Command(
  metainfo: string,
  folder: string,
  options: { readonly seed?: boolean; readonly extra?: readonly string[] } = {},
): readonly string[] {
  return withErrors([
    "aria2c",
    "--no-conf",
    "--enable-dht=false",
    "--enable-dht6=false",
    "--bt-enable-lpd=false",
    "--file-allocation=none",
    "--summary-interval=0",
    "--check-integrity=true",
    // Its own words about seeding stay in a buffer, so a hook says them.
    "--on-bt-download-complete=echo",
    ...(options.seed === true ? ["--seed-ratio=0.0"] : ["--seed-time=0"]),
    `--dir=${folder}`,
    ...(options.extra ?? []),
    metainfo,
  ])
}

/** What transmission-daemon says when it takes commands, when the first bytes of a torrent came, and when it has every part. */
export const TRANSMISSION_READY = /Started listening on/
export const TRANSMISSION_RECEIVES = /Preallocated file/
export const TRANSMISSION_DONE = /State changed from .* to "Complete"/

const RPC_PORT = 9091

/** transmission-daemon in the foreground, with a config folder of its own. To be run on a host of its own. */
export async function transmissionCommand(
  configFolder: string,
  downloadFolder: string,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<readonly string[]> {
  await mkdir(configFolder, { recursive: true })
  await mkdir(downloadFolder, { recursive: true })
  const settings = {
    "dht-enabled": false,
    "download-dir": downloadFolder,
    "lpd-enabled": false,
    "message-level": 3,
    "port-forwarding-enabled": false,
    "rpc-port": RPC_PORT,
    "utp-enabled": false,
    ...extra,
  }
  await writeFile(join(configFolder, "settings.json"), JSON.stringify(settings))
  return withErrors(["transmission-daemon", "--foreground", "--config-dir", configFolder])
}

/** Hands transmission-daemon a metainfo file; to be run on the same host. */
export function transmissionAddCommand(metainfo: string, folder: string): readonly string[] {
  return ["transmission-remote", `127.0.0.1:${RPC_PORT}`, "--add", metainfo, "--download-dir", folder]
}

/** Has transmission-create make the metainfo file of a file or folder that no client of ours knows; resolves with its path. */
export async function makeMetainfo(ground: Playground, content: string): Promise<string> {
  const metainfo = ground.path(`${basename(content)}.torrent`)
  const announce = `${ground.trackerUrl}/announce?hash=${await ground.newDocument()}`
  const maker = ground.run(["transmission-create", "--outfile", metainfo, "--tracker", announce, content])
  if ((await maker.ended()) !== 0) throw new Error(`transmission-create failed: ${maker.errors}`)
  return metainfo
}
