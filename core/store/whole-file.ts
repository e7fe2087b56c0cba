import { StoreError } from "../base/errors.js"
import type { Disk } from "./disk.js"
import { type FileIdentity, identityOf, sameContent } from "./file-identity.js"
import { READ_FLAGS, readFully } from "./file-io.js"

/** While a file is served its identity is looked at again at most this often, and never while nobody asks. */
const RECHECK_MS = 1000

/** A finished file that is served. Once it is seen to have changed it is served no more, until it was checked again. */
export class WholeFile {
  readonly path: string
  /** The file as it was when its parts were verified. */
  readonly identity: FileIdentity
  readonly #disk: Disk
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #looking: Promise<FileIdentity | undefined> | undefined
  #changed: StoreError | undefined

  constructor(disk: Disk, path: string, identity: FileIdentity) {
    this.#disk = disk
    this.path = path
    this.identity = identity
  }

  /**
   * Undefined while the file is the one that was verified; what it is now, when that has the same size and may be the same.
   * @throws StoreError "file_changed" when it can't be. Cheap while it was looked at lately.
   */
  async otherIdentity(): Promise<FileIdentity | undefined> {
    if (this.#changed) throw this.#changed
    if (this.#disk.clock.now() - this.#lookedAtMs < RECHECK_MS) return undefined
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** Is the file, at this moment, the one that was verified? @throws StoreError "file_changed" as `otherIdentity`. */
  async isSame(): Promise<boolean> {
    if (this.#changed) throw this.#changed
    return (await this.#look()) === undefined
  }

  /** Fills `target` from `offset` on. Rejects with the system error, or StoreError "file_changed" when the file is shorter. */
  async readInto(target: Uint8Array, offset: number): Promise<void> {
    const whole = await this.#disk.files.use(this.path, READ_FLAGS, (fd) => readFully(fd, target, offset))
    if (!whole) throw await this.declareChanged("it is shorter than it was")
  }

  /** From now on nothing of it is served. `how`: words for the user. */
  async declareChanged(how: string, cause?: unknown): Promise<StoreError> {
    this.#changed ??= new StoreError("file_changed", `${this.path}: it changed while it was shared: ${how}`, { cause })
    await this.#disk.files.forget(this.path)
    return this.#changed
  }

  async #look(): Promise<FileIdentity | undefined> {
    let now: FileIdentity
    try {
      now = await identityOf(this.path)
    } catch (cause) {
      throw await this.declareChanged("it can't be found any more", cause)
    }
    if (now.sizeBytes !== this.identity.sizeBytes) throw await this.declareChanged("its size differs")
    if (!sameContent(now, this.identity)) return now
    this.#lookedAtMs = this.#disk.clock.now()
    return undefined
  }
}
