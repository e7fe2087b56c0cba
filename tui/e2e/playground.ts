import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { freePort } from "../../core/testing/free-port.js"
import { clientCommand, Program, trackerCommand } from "./program.js"
import { ProgramFolder } from "./program-folder.js"

/** A folder for one test: service folders, configs, and every program that was started there. */
export class Playground {
  readonly trackerPort: number
  readonly #folder = new ProgramFolder("e2e")
  readonly #programs: Program[] = []

  private constructor(trackerPort: number) {
    this.trackerPort = trackerPort
  }

  static async create(): Promise<Playground> {
    return new Playground(await freePort())
  }

  get root(): string {
    return this.#folder.root
  }

  get trackerUrl(): string {
    return `http://127.0.0.1:${this.trackerPort}`
  }

  path(...names: readonly string[]): string {
    return this.#folder.path(...names)
  }

  /** Writes the config of a client whose service folder is `name`, and returns its path. */
  async config(name: string, extra: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return this.#folder.writeConfig(name, this.trackerPort, extra)
  }

  /** Starts a client; `args` follow its config. */
  client(config: string, ...args: readonly string[]): Program {
    return this.run(clientCommand(config, ...args))
  }

  /** Starts a client without a terminal that serves until it is ended, and waits until it listens. */
  async serving(name: string, extra: Readonly<Record<string, unknown>> = {}): Promise<Program> {
    const client = this.client(await this.config(name, extra), "--plain", "--seed")
    await client.line(/^listening on/)
    return client
  }

  /** Runs a single command on the config of `name`, and waits for its end. */
  async command(name: string, ...words: readonly string[]) {
    const program = this.client(this.path(`${name}.json`), ...words)
    return { code: await program.ended(), lines: program.lines, errors: program.errors }
  }

  /** Starts the tracker and waits until it listens. */
  async tracker(...args: readonly string[]): Promise<Program> {
    const tracker = this.run(trackerCommand("127.0.0.1", String(this.trackerPort), ...args))
    await tracker.line(/listens on/)
    return tracker
  }

  /**
   * Starts the tracker among clients that run. A client that started while there was no tracker may hold the port with one of its own:
   * that one serves the test, and the tracker that is started here ends with 75.
   */
  async trackerIfNone(): Promise<Program> {
    const tracker = this.run(trackerCommand("127.0.0.1", String(this.trackerPort)))
    const listens = await tracker.line(/listens on/).catch(() => undefined)
    // 75: the port is in use.
    if (listens === undefined && (await tracker.ended()) !== 75)
      throw new Error(`the tracker failed: ${tracker.errors}`)
    return tracker
  }

  /** Registers a document that no client of ours knows with the tracker; resolves with its uuid. */
  async newDocument(): Promise<string> {
    const response = await fetch(`${this.trackerUrl}/hash`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ listening_host: "127.0.0.1", listening_port: 9 }),
    })
    const { hash } = (await response.json()) as { readonly hash: string }
    return hash
  }

  /** Starts any program, and ends it with the test. `env` is added to this process's own environment; undefined takes a variable away. */
  run(command: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
    // A tracker keeps what it knows in the user's data folder: here every test has one of its own.
    const program = new Program(command, { XDG_DATA_HOME: this.path("data-home"), ...env })
    this.#programs.push(program)
    return program
  }

  /** Ends every program whatever it does. */
  async endPrograms(): Promise<void> {
    for (const program of this.#programs.splice(0)) await program.destroy()
  }

  async close(): Promise<void> {
    await this.endPrograms()
    this.#folder.remove()
  }
}

/** SHA-256 of a file of any size, hex. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256")
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest("hex")
}
