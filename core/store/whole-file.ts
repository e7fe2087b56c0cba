import { StoreError } from "../base/errors.js"
import type { HashSource } from "../hashing/hash-file.js"
import type { Disk } from "./disk.js"
import { type FileIdentity, identityOf, sameContent } from "./file-identity.js"
import { READ_FLAGS } from "./file-io.js"
import { changedWords, goneWords } from "./shared-file-words.js"
import { RECHECK_MS, type WholeContent } from "./whole-content.js"

/** A finished file that is served. Once it is seen to have changed it is served no more, until it was checked again. */
export class WholeFile implements WholeContent {
  readonly path: string
  readonly isWhole = true
  readonly identity: FileIdentity
  readonly source: HashSource
  readonly #disk: Disk
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #looking: Promise<FileIdentity | undefined> | undefined
  #changed: StoreError | undefined

  constructor(disk: Disk, path: string, identity: FileIdentity) {
    this.#disk = disk
    this.path = path
    this.identity = identity
    this.source = { kind: "file", path, flags: READ_FLAGS }
  }

  identify(): Promise<FileIdentity> {
    return identityOf(this.path)
  }

  as(identity: FileIdentity): WholeContent {
    return new WholeFile(this.#disk, this.path, identity)
  }

  forget(): Promise<void> {
    return this.#disk.files.forget(this.path)
  }

  async otherIdentity(): Promise<FileIdentity | undefined> {
    if (this.#changed) throw this.#changed
    if (this.#disk.clock.now() - this.#lookedAtMs < RECHECK_MS) return undefined
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async isSame(): Promise<boolean> {
    if (this.#changed) throw this.#changed
    return (await this.#look()) === undefined
  }

  async changesIn(): Promise<StoreError | undefined> {
    return undefined
  }

  checksReads(): boolean {
    return true
  }

  async readInto(target: Uint8Array, offset: number): Promise<void> {
    const { files, calls } = this.#disk
    const whole = await files.use(this.path, READ_FLAGS, (fd) => calls.readFully(fd, target, offset))
    if (!whole) throw await this.declareChanged("it is shorter than it was")
  }

  async declareChanged(how: string, cause?: unknown): Promise<StoreError> {
    return this.#declare(changedWords(how), cause)
  }

  async #declare(what: string, cause: unknown): Promise<StoreError> {
    this.#changed ??= new StoreError("file_changed", `${this.path}: ${what}`, { cause })
    await this.forget()
    return this.#changed
  }

  async #look(): Promise<FileIdentity | undefined> {
    let now: FileIdentity
    try {
      now = await this.identify()
    } catch (cause) {
      throw await this.#declare(goneWords(cause), cause)
    }
    if (now.sizeBytes !== this.identity.sizeBytes) throw await this.declareChanged("its size differs")
    if (!sameContent(now, this.identity)) return now
    this.#lookedAtMs = this.#disk.clock.now()
    return undefined
  }
}
