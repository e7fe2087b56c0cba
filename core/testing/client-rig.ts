import { randomBytes } from "node:crypto"
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Client, ClientOptions, UploadResult } from "../api/client-api.js"
import type { ClientEvent } from "../api/events.js"
import { openClient } from "../client/open-client.js"
import type { Seams } from "../client/seams.js"
import { ScriptedTracker } from "./scripted-tracker.js"
import { sha1 } from "./sha1.js"
import { until } from "./until.js"

/** Parts of the samples that clients share in tests. */
export const SAMPLE_PART_BYTES = 256 * 1024

/** Real clients in one process, each with its own folder, and a scripted tracker. Everything is closed by `close`. */
export class ClientRig {
  readonly root: string
  readonly tracker: ScriptedTracker
  readonly until = until
  /** Of all clients. */
  readonly events: ClientEvent[] = []
  readonly #clients: Client[] = []
  readonly #waiting = new Set<() => void>()

  readonly #seams: Partial<Seams>
  /** Of the tracker, also once it is closed. */
  readonly #trackerUrl: string

  private constructor(root: string, tracker: ScriptedTracker, seams: Partial<Seams>) {
    this.root = root
    this.tracker = tracker
    this.#seams = seams
    this.#trackerUrl = tracker.url
  }

  /** `seams`: of all its clients. */
  static async create(seams: Partial<Seams> = {}): Promise<ClientRig> {
    return new ClientRig(await mkdtemp(join(tmpdir(), "p2p-tui-rig-")), await ScriptedTracker.start(), seams)
  }

  path(...names: readonly string[]): string {
    return join(this.root, ...names)
  }

  /** Opens a client whose service folder is `name`. */
  async open(name: string, options: Partial<ClientOptions> = {}, seams: Partial<Seams> = {}): Promise<Client> {
    await mkdir(this.path(name), { recursive: true })
    const all: ClientOptions = {
      serviceFolder: this.path(name),
      listen: { host: "127.0.0.1", port: 0 },
      trackers: [this.#trackerUrl],
      onEvent: (event) => {
        this.events.push(event)
        for (const look of this.#waiting) look()
      },
      ...options,
    }
    const client = await openClient(all, undefined, { ...this.#seams, ...seams })
    this.#clients.push(client)
    return client
  }

  /** Random bytes in a file of the service folder `name`. */
  async sample(name: string, file: string, sizeBytes: number): Promise<Buffer> {
    const content = randomBytes(sizeBytes)
    await mkdir(this.path(name), { recursive: true })
    await writeFile(this.path(name, file), content)
    return content
  }

  /** A client that seeds "disc.iso", an open document of `partCount` parts. */
  async seeder(
    name: string,
    partCount: number,
  ): Promise<{ readonly client: Client; readonly content: Buffer } & UploadResult> {
    const content = await this.sample(name, "disc.iso", partCount * SAMPLE_PART_BYTES)
    const client = await this.open(name)
    const uploaded = await client.upload({ file: "disc.iso", torrent: "disc.json", open: true })
    return { client, content, ...uploaded }
  }

  /** A download of "copy.iso" by a client of folder "b", from one of "a": it has two parts of `partCount` at least, and gets no more for now. */
  async halfDone(partCount: number) {
    const { client: seeder, content, torrentPath, id } = await this.seeder("a", partCount)
    seeder.setLimits({ upBytesPerSecond: 4 * SAMPLE_PART_BYTES })
    const leecher = await this.open("b")
    const handle = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await until(leecher, () => (leecher.snapshot().documents[0]?.haveCount ?? 0) >= 2)
    seeder.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES / 64 })
    return { seeder, leecher, handle, content, torrentPath, id }
  }

  /** Leaves it to the test to close a client. */
  forget(client: Client): void {
    this.#clients.splice(this.#clients.indexOf(client), 1)
  }

  text(...names: readonly string[]): Promise<string> {
    return readFile(this.path(...names), "utf8")
  }

  async exists(...names: readonly string[]): Promise<boolean> {
    return access(this.path(...names)).then(
      () => true,
      () => false,
    )
  }

  /** Settles with the first event of this name, from now or before. */
  event(name: string): Promise<ClientEvent> {
    return new Promise((resolve) => {
      const look = () => {
        const event = this.events.find((each) => each.name === name)
        if (event === undefined) return
        this.#waiting.delete(look)
        resolve(event)
      }
      this.#waiting.add(look)
      look()
    })
  }

  /**
   * Why connections closed, one code for each end; without the ends of a duplicate, which is closed where two clients dial each other at once.
   * One end of a duplicate may report only that the other closed it, so an odd count of "duplicate" takes one such end along.
   */
  endings(): string[] {
    const codes = this.events.filter(({ name }) => name === "peer_closed").map(({ facts }) => String(facts?.["code"]))
    const endings = codes.filter((code) => code !== "duplicate")
    const other = endings.findIndex((code) => code === "ended" || code === "reset")
    const hasHalfReported = (codes.length - endings.length) % 2 === 1
    if (hasHalfReported && other >= 0) endings.splice(other, 1)
    return endings
  }

  /** SHA-1 of a file, hex. */
  async digest(...names: readonly string[]): Promise<string> {
    return sha1Hex(await readFile(this.path(...names)))
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.close()
    await this.tracker.close()
    await rm(this.root, { recursive: true })
  }
}

/** SHA-1, hex. */
export function sha1Hex(bytes: Uint8Array): string {
  return sha1(bytes).toString("hex")
}

/** The code that some work rejects with, or "went well". */
export function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => "went well",
    (error: { readonly code?: string }) => error.code,
  )
}
