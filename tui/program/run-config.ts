import { resolve } from "node:path"
import type { Config } from "../config/config.js"
import type { Invocation } from "./cli.js"

type Run = Extract<Invocation, { kind: "run" }>

/** What the command line adds to the config, or says otherwise. */
export function withOptions(config: Config, { peers, address, onDone }: Run): Config {
  const done = onDone === undefined ? {} : { done: [onDone.includes("/") ? resolve(onDone) : onDone] as const }
  const announce = { ...config.announce, ...address }
  return { ...config, announce, peers: [...config.peers, ...peers], hooks: { ...config.hooks, ...done } }
}
