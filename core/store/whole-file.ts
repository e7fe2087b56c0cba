import { StoreError } from "../errors.js"
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
  #looking: Promise<void> | undefined
  #changed: StoreError | undefined

  constructor(disk: Disk, path: string, identity: FileIdentity) {
    this.#disk = disk
    this.path = path
    this.identity = identity
  }

  /** @throws StoreError "file_changed" when the file is not the one that was verified. Cheap while it was looked at lately. */
  async requireSame(): Promise<void> {
    if (this.#changed) throw this.#changed
    if (this.#disk.clock.now() - this.#lookedAtMs < RECHECK_MS) return
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
  }

  /** Fills `target` from `offset` on. Rejects with the system error, or StoreError "file_changed" when the file is shorter. */
  async readInto(target: Uint8Array, offset: number): Promise<void> {
    const whole = await this.#disk.files.use(this.path, READ_FLAGS, (fd) => readFully(fd, target, offset))
    if (!whole) throw await this.#declareChanged("it is shorter than it was")
  }

  async #look(): Promise<void> {
    let now: FileIdentity
    try {
      now = await identityOf(this.path)
    } catch (cause) {
      throw await this.#declareChanged("it can't be found any more", cause)
    }
    if (!sameContent(now, this.identity)) throw await this.#declareChanged("its size, time or place on disk differ")
    this.#lookedAtMs = this.#disk.clock.now()
  }

  async #declareChanged(how: string, cause?: unknown): Promise<StoreError> {
    this.#changed ??= new StoreError("file_changed", `${this.path}: it changed while it was shared: ${how}`, { cause })
    await this.#disk.files.forget(this.path)
    return this.#changed
  }
}
