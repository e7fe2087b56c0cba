import { writeFile } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { cwd } from "node:process"
import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { CommandError, ConfigError, errnoOf, makeFolder, reasonOf } from "../../core/index.js"
import { resolveFolder } from "../config/config.js"
import { parseConfig } from "../config/config-schema.js"
import {
  DEFAULT_PORT,
  DEFAULT_TRACKER_PORT,
  defaultServiceFolder,
  everyAddress,
  userConfigPath,
} from "../config/default-config.js"

export interface InitStreams {
  readonly stdin: Readable
  readonly stdout: Writable
  /** Aborted by a signal of the system. */
  readonly signal: AbortSignal
}

/**
 * "init": asks for service folder, port and tracker, and writes a config. An empty answer, and the end of the input, take what is proposed.
 * @throws ConfigError for an answer that can't be used; CommandError "target_exists" when there is a config already.
 */
export async function runInit(named: string | undefined, { stdin, stdout, signal }: InitStreams): Promise<void> {
  const path = resolve(named ?? userConfigPath())
  const ask = questions(stdin, stdout, signal)
  stdout.write(`Three questions; Enter takes what stands in brackets. The config becomes ${path}.\n`)
  const service = await ask("Folder for what you share and download", defaultServiceFolder())
  const port = await ask("Port for peers", String(DEFAULT_PORT))
  const tracker = await ask(
    'Tracker: "host:port" of one that runs, "here" for one inside this client, or "none" (links and the local network do without)',
    "none",
  )
  ask.end()
  const host = everyAddress()
  const config = {
    self: { service: resolveFolder(service, cwd()), host, port: Number(port) },
    ...trackerOf(tracker, host),
  }
  const text = `${JSON.stringify(config, null, 2)}\n`
  const faults = parseConfig(text).faults
  if (faults !== undefined) throw new ConfigError("bad_config", faults.join("; "))
  await write(path, text, config.self.service)
  const how = named === undefined ? "p2p-tui" : `p2p-tui ${named}`
  stdout.write(`written to ${path}\nstart the client: ${how}\n`)
}

interface Ask {
  (question: string, proposed: string): Promise<string>
  end(): void
}

function questions(stdin: Readable, stdout: Writable, signal: AbortSignal): Ask {
  const lines = createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })
  const answers = lines[Symbol.asyncIterator]()
  const end = () => lines.close()
  signal.addEventListener("abort", end, { once: true })
  const ask = async (question: string, proposed: string): Promise<string> => {
    stdout.write(`${question} [${proposed}]: `)
    const { value, done } = await answers.next()
    if (signal.aborted) throw new CommandError("interrupted", "nothing was written")
    // Only a terminal shows the Enter that ends the line.
    if (done === true) stdout.write("\n")
    return (typeof value === "string" ? value.trim() : "") || proposed
  }
  return Object.assign(ask, { end })
}

function trackerOf(answer: string, host: string): object {
  if (answer === "none") return {}
  if (answer === "here") return { tracker: { host, port: DEFAULT_TRACKER_PORT } }
  const [, name, digits] = /^(.*):(\d{1,5})\/*$/.exec(answer) ?? []
  if (name === undefined || name === "")
    throw new ConfigError("bad_config", `the tracker is "${answer}"; allowed: "host:port", "here" or "none"`)
  return { tracker: { host: name, port: Number(digits) } }
}

async function write(path: string, text: string, service: string): Promise<void> {
  try {
    await makeFolder(dirname(path))
    await writeFile(path, text, { flag: "wx" })
    await makeFolder(service)
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause
    if (errnoOf(cause) === "EEXIST")
      throw new CommandError(
        "target_exists",
        `${path} is there already; edit it, or name another: p2p-tui init <config.json>`,
      )
    throw new ConfigError("bad_config", `${path} can't be written: ${reasonOf(cause)}`, { cause })
  }
}
