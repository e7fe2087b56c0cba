import { resolve } from "node:path"
import type { Config } from "../config/config.js"
import { DEFAULT_TRACKER_PORT } from "../config/default-config.js"
import { connectableHost, type TrackerAddress } from "../config/tracker-address.js"
import type { Invocation } from "./cli.js"
import { whatListens } from "./embedded-tracker.js"

type Run = Extract<Invocation, { kind: "run" }>

/** What the command line adds to the config, or says otherwise. */
export function withOptions(config: Config, { peers, address, onDone }: Run): Config {
  const done = onDone === undefined ? {} : { done: [onDone.includes("/") ? resolve(onDone) : onDone] as const }
  const announce = { ...config.announce, ...address }
  return { ...config, announce, peers: [...config.peers, ...peers], hooks: { ...config.hooks, ...done } }
}

/** A client without a config that may upload has a tracker that the local network reaches; one that only fetches needs none. */
export async function withDefaultTracker(config: Config, { words, seed, daemon }: Run): Promise<Config> {
  const mayUpload = words.length === 0 || words[0] === "upload" || seed || daemon
  const tracker = mayUpload ? await defaultTracker(config.listen.host) : undefined
  return tracker === undefined ? config : { ...config, trackers: [tracker] }
}

/** Ports at which a client without a config tries to start its tracker. Our choice. */
const PORTS = 10

/** The tracker of a client without a config, on every address that `host` stands for; undefined when other programs have all its ports. */
async function defaultTracker(host: string): Promise<TrackerAddress | undefined> {
  for (let port = DEFAULT_TRACKER_PORT; port < DEFAULT_TRACKER_PORT + PORTS; port++) {
    const found = await whatListens(connectableHost(host), port)
    if (found !== "other") return { protocol: "http", host, port, path: "" }
  }
  return undefined
}
