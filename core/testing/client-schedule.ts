import { mkdir, mkdtemp, open, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Client, DownloadHandle } from "../api/client-api.js"
import { type Clock, type Random, systemClock } from "../base/clock.js"
import { throwBugs } from "../base/until-aborted.js"
import { openClient } from "../client/open-client.js"
import { SAMPLE_PART_BYTES, sha1Hex } from "./client-rig.js"
import { createFailingDisk, disk } from "./failing-disk.js"
import { ScriptedTracker } from "./scripted-tracker.js"
import { seededRandom } from "./seeded-random.js"
import { until } from "./until.js"

/** Factor by which a client's waits are shortened: retries, announces and beats fit into a short run. */
const HASTE = 20

const hastyClock: Clock = {
  now: () => systemClock.now() * HASTE,
  after: (waitMs, act) => systemClock.after(waitMs / HASTE, act),
  soon: (act) => systemClock.soon(act),
}

/** Far more than anything takes here. */
const MOST_MS = 15_000

const PARTS = 6
const FILES = ["one.iso", "two.iso"]
const NAMES = ["a", "b", "c"]

/** One run of random commands, disk faults, tracker faults and restarts of three real clients. The seed decides the actions, the machine their timing. */
export class ClientSchedule {
  readonly #random: Random
  readonly #root: string
  readonly #tracker: ScriptedTracker
  readonly #clients = new Map<string, Client>()
  readonly #digests = new Map<string, string>()
  /** Every command, and every end of a download: each has to settle. */
  readonly #work: Promise<unknown>[] = []
  /** Names of the commands that have not settled. */
  readonly #pending = new Set<string>()
  #releaseHashing: () => void = () => undefined
  /** The actions so far, to be shown with a failure. */
  readonly log: string[] = []

  private constructor(seed: number, root: string, tracker: ScriptedTracker) {
    this.#random = seededRandom(seed)
    this.#root = root
    this.#tracker = tracker
  }

  static async create(seed: number): Promise<ClientSchedule> {
    const root = await mkdtemp(join(tmpdir(), "p2p-tui-schedule-"))
    return new ClientSchedule(seed, root, await ScriptedTracker.start())
  }

  /** Does `stepCount` random things. Most are not waited for. @throws Error for a document that is in two states at once. */
  async run(stepCount: number): Promise<void> {
    await this.#openAll()
    for (let step = 0; step < stepCount; step++) {
      await this.#pick(this.#actions())()
      for (const client of this.#clients.values()) look(client)
      if (this.#random() < 0.5) await new Promise((resolve) => setTimeout(resolve, this.#random() * 30))
    }
  }

  /**
   * Repairs disk and tracker, closes all clients, and opens them again: every command must have ended, and every remaining download must
   * complete with the right bytes.
   */
  async finish(): Promise<void> {
    this.#mendWorld()
    await this.#ends("closing", this.#closeAll())
    await this.#ends("the commands", this.#settleWork())
    await this.#checkFiles()
    await this.#ends("opening", this.#openAll())
    await this.#ends("the downloads", this.#completeAll())
    await this.#ends("closing again", this.#closeAll())
    await this.#checkFiles()
  }

  /** @throws Error that shows how all clients stand, when `work` has not ended after long. */
  async #ends(what: string, work: Promise<void>): Promise<void> {
    let stop: () => void = () => undefined
    const tooLong = new Promise<never>((_, reject) => {
      stop = systemClock.after(MOST_MS, () => reject(new Error(`${what} did not end: ${this.#standing()}`)))
    })
    await Promise.race([work, tooLong]).finally(() => stop())
  }

  #standing(): string {
    const shown = [...this.#clients].flatMap(([name, client]) =>
      client
        .snapshot()
        .documents.map(
          ({ name: file, state, why, haveCount, connectedPeers }) =>
            `${name} ${file}: ${state} ${haveCount} with ${connectedPeers} peers (${why?.code})`,
        ),
    )
    return [...shown, ...this.#pending].join("; ")
  }

  async dispose(): Promise<void> {
    disk.repair()
    await this.#closeAll()
    await this.#tracker.close()
    await rm(this.#root, { recursive: true, force: true })
  }

  #actions(): (() => Promise<void> | void)[] {
    const name = this.#pick(NAMES)
    const client = this.#clients.get(name)
    if (client === undefined) return [() => this.#open(name), () => this.#damage(name)]
    const ids = client.snapshot().documents.map(({ id }) => id)
    const id = this.#pick(ids)
    const onDocuments =
      id === undefined
        ? []
        : [
            () => this.#do(`${name} pause`, client.pause(id)),
            () => this.#do(`${name} resume`, client.resume(id)),
            () => this.#do(`${name} recheck`, client.recheck(id)),
            () => this.#do(`${name} remove`, client.remove(id, { discardUnfinished: this.#random() < 0.5 })),
          ]
    const file = this.#pick(FILES)
    const begin =
      name === "a"
        ? () => this.#do(`a upload ${file}`, this.#upload(client, file))
        : () => this.#download(name, client, file)
    return [begin, begin, begin, ...onDocuments, ...onDocuments, ...this.#faults(client), () => this.#close(name)]
  }

  #faults(client: Client): (() => void)[] {
    const rate = this.#random() < 0.5 ? null : 4 * SAMPLE_PART_BYTES
    return [
      () => void Object.assign(disk, { roomForParts: this.#random() < 0.5 ? 0 : 3 }),
      () => void Object.assign(disk, { syncs: !disk.syncs }),
      () => this.#holdHashing(),
      () => this.#mendWorld(),
      () => this.#mendWorld(),
      () => this.#tracker.failAll(503),
      () => this.#tracker.forgetAll(),
      () => client.setLimits({ upBytesPerSecond: rate }),
    ]
  }

  #holdHashing(): void {
    this.#releaseHashing()
    this.#releaseHashing = disk.holdHashing()
  }

  #mendWorld(): void {
    this.#releaseHashing()
    disk.repair()
    this.#tracker.failWith = undefined
  }

  #upload(client: Client, file: string) {
    return client.upload({ file, torrent: `${file}.json`, open: this.#random() < 0.5 })
  }

  #download(name: string, client: Client, file: string): void {
    const torrent = join(this.#root, "a", `${file}.json`)
    const begun = client.download({ torrent, file: `copy-of-${file}` })
    this.#do(`${name} download ${file}`, begun)
    begun.then(
      ({ done, durable }: DownloadHandle) => {
        this.#do(`${name} end of ${file}`, done)
        this.#do(`${name} durable end of ${file}`, durable)
      },
      () => undefined,
    )
  }

  #do(what: string, work: Promise<unknown>): void {
    this.log.push(what)
    const name = `${this.log.length} ${what}`
    this.#pending.add(name)
    const settled = () => void this.#pending.delete(name)
    // Rejections are examined at the end.
    work.then(settled, settled)
    this.#work.push(work)
  }

  async #settleWork(): Promise<void> {
    // Work that ends may have begun some.
    for (let seen = -1; seen !== this.#work.length; ) {
      seen = this.#work.length
      for (const outcome of await Promise.allSettled(this.#work))
        if (outcome.status === "rejected") throwBugs(outcome.reason)
    }
  }

  async #openAll(): Promise<void> {
    for (const name of NAMES) if (!this.#clients.has(name)) await this.#open(name)
  }

  async #open(name: string): Promise<void> {
    this.log.push(`${name} open`)
    const serviceFolder = join(this.#root, name)
    await mkdir(serviceFolder, { recursive: true })
    if (name === "a") await this.#makeFiles(serviceFolder)
    const options = { serviceFolder, listen: { host: "127.0.0.1", port: 0 }, trackers: [this.#tracker.url] }
    this.#clients.set(
      name,
      await openClient(options, undefined, { clock: hastyClock, random: this.#random, createDisk: createFailingDisk }),
    )
  }

  async #makeFiles(folder: string): Promise<void> {
    for (const file of FILES) {
      if (this.#digests.has(file)) continue
      const bytes = Buffer.alloc(PARTS * SAMPLE_PART_BYTES - 1_000)
      for (let offset = 0; offset < bytes.length - 4; offset += 4) bytes.writeUInt32LE(this.#random() * 2 ** 32, offset)
      const handle = await open(join(folder, file), "w")
      await handle.writeFile(bytes)
      await handle.close()
      this.#digests.set(file, sha1Hex(bytes))
    }
  }

  async #closeAll(): Promise<void> {
    for (const name of [...this.#clients.keys()]) await this.#close(name)
  }

  /** While hashing stands still nothing can close. */
  async #close(name: string): Promise<void> {
    this.log.push(`${name} close`)
    this.#releaseHashing()
    const client = this.#clients.get(name)
    this.#clients.delete(name)
    await client?.close()
  }

  /** Writes into an unfinished file while no client has it open. */
  async #damage(name: string): Promise<void> {
    const folder = join(this.#root, name)
    const unfinished = (await readdir(folder)).find((each) => each.endsWith(".part"))
    if (unfinished === undefined) return
    this.log.push(`${name} damage ${unfinished}`)
    const handle = await open(join(folder, unfinished), "r+")
    await handle.write(Buffer.alloc(64, 1), 0, 64, Math.floor(this.#random() * PARTS) * SAMPLE_PART_BYTES)
    await handle.close()
  }

  async #completeAll(): Promise<void> {
    // All of them: one that is being checked may rest afterwards.
    for (const client of this.#clients.values())
      for (const { id } of client.snapshot().documents) await client.resume(id).catch(throwBugs)
    const seeded =
      this.#clients
        .get("a")
        ?.snapshot()
        .documents.map(({ id }) => id) ?? []
    for (const name of NAMES.slice(1)) {
      const client = this.#clients.get(name)
      if (client === undefined) continue
      const left = () =>
        client.snapshot().documents.filter(({ id, state }) => seeded.includes(id) && state !== "seeding")
      await until(client, () => left().every(({ state }) => state === "failed"))
    }
  }

  /** A file that has its own name has the right bytes, whatever happened. */
  async #checkFiles(): Promise<void> {
    for (const name of NAMES.slice(1))
      for (const file of FILES) {
        const bytes = await readFile(join(this.#root, name, `copy-of-${file}`)).catch(() => undefined)
        if (bytes !== undefined && sha1Hex(bytes) !== this.#digests.get(file))
          throw new Error(`${name}: copy-of-${file} has its own name and wrong bytes`)
      }
    for (const name of NAMES) {
      const locks = (await readdir(join(this.#root, name))).filter((each) => each.endsWith(".lock"))
      if (this.#clients.size === 0 && locks.length > 0) throw new Error(`${name}: locks are left: ${locks.join(", ")}`)
    }
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T
  }
}

/** @throws Error when a document is listed twice, or has more parts than it can. */
function look(client: Client): void {
  const { documents } = client.snapshot()
  if (new Set(documents.map(({ id }) => id)).size !== documents.length)
    throw new Error("a document is in the list twice")
  for (const { name, haveCount, partCount } of documents)
    if (haveCount > partCount) throw new Error(`${name} has ${haveCount} of ${partCount} parts`)
}
