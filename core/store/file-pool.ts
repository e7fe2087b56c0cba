import { type FileHandle, open } from "node:fs/promises"
import { StoreError } from "../base/errors.js"

/** Our choice: far below the usual limit of 1,024 descriptors, which the sockets need. */
const DEFAULT_MAX_OPEN = 64

interface PooledFile {
  readonly path: string
  readonly handle: Promise<FileHandle>
  users: number
  /** Closed by its last user, because it was forgotten meanwhile. */
  forgotten: boolean
}

/**
 * Open files, bounded in number for all documents: opened at first use, kept, and closed when another file needs the place. A file in
 * use is never closed; while all are in use, a caller waits for the first free place.
 */
export class FilePool {
  readonly #maxOpen: number
  /** In order of use, the least recently used first. */
  readonly #files = new Map<string, PooledFile>()
  readonly #waiting: (() => void)[] = []
  readonly #closing = new Set<Promise<void>>()
  #openCount = 0
  #isClosed = false

  constructor(maxOpen = DEFAULT_MAX_OPEN) {
    this.#maxOpen = maxOpen
  }

  /** Files open now. */
  get openCount(): number {
    return this.#openCount
  }

  /**
   * Runs `task` with a descriptor of the file, opened with `flags` of node:fs constants. Rejects as `open` and `task` do, and after
   * `close`. `inode`: the expected file, for one that is written to; another process may have replaced it while it was closed.
   * @throws StoreError "file_changed" then.
   */
  async use<T>(path: string, flags: number, task: (fd: number) => Promise<T>, inode?: bigint): Promise<T> {
    const file = await this.#acquire(path, flags, inode)
    try {
      return await task((await file.handle).fd)
    } finally {
      this.#release(file)
    }
  }

  /** Closes the file's descriptors: at once, or when their users are done, which this does not wait for. Needed before the file is replaced or deleted. */
  async forget(path: string): Promise<void> {
    for (const [key, file] of this.#files) {
      if (file.path !== path) continue
      this.#files.delete(key)
      file.forgotten = true
      if (file.users === 0) this.#close(file)
    }
    await Promise.all(this.#closing)
  }

  /** As `forget`, of every file below a folder. */
  async forgetBelow(folder: string): Promise<void> {
    const paths = [...this.#files.values()].map(({ path }) => path).filter((path) => path.startsWith(`${folder}/`))
    await Promise.all(paths.map((path) => this.forget(path)))
  }

  /** Closes all, at once or when their users are done. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#files.values()].map((file) => this.forget(file.path)))
    await Promise.all(this.#closing)
  }

  async #acquire(path: string, flags: number, inode: bigint | undefined): Promise<PooledFile> {
    const key = `${flags}:${path}`
    for (;;) {
      if (this.#isClosed) {
        // Each that waited wakes the next.
        this.#waiting.shift()?.()
        throw new Error(`${path}: the pool of open files is closed`)
      }
      const known = this.#files.get(key)
      if (known) {
        known.users++
        this.#files.delete(key)
        this.#files.set(key, known)
        return known
      }
      if (this.#openCount < this.#maxOpen || this.#closeOneIdle())
        return this.#open(key, path, opened(path, flags, inode))
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #open(key: string, path: string, handle: Promise<FileHandle>): PooledFile {
    this.#openCount++
    const file: PooledFile = { path, handle, users: 1, forgotten: false }
    this.#files.set(key, file)
    file.handle.catch(() => {
      // The caller gets the error, and the next use tries again. Its place is freed with its last user.
      if (this.#files.get(key) === file) this.#files.delete(key)
      file.forgotten = true
    })
    return file
  }

  #release(file: PooledFile): void {
    file.users--
    if (file.users > 0) return
    if (file.forgotten) this.#close(file)
    else this.#waiting.shift()?.()
  }

  #closeOneIdle(): boolean {
    for (const [key, file] of this.#files) {
      if (file.users > 0) continue
      this.#files.delete(key)
      file.forgotten = true
      this.#close(file)
      return true
    }
    return false
  }

  #close(file: PooledFile): void {
    this.#openCount--
    // A handle that never opened has nothing to close, and its users got the error. A failed close loses no data: durable
    // data was synced before.
    const closing = file.handle.then((handle) => handle.close()).catch(() => undefined)
    this.#closing.add(closing)
    void closing.then(() => this.#closing.delete(closing))
    this.#waiting.shift()?.()
  }
}

async function opened(path: string, flags: number, inode: bigint | undefined): Promise<FileHandle> {
  const handle = await open(path, flags)
  if (inode === undefined || (await handle.stat({ bigint: true })).ino === inode) return handle
  await handle.close()
  throw new StoreError("file_changed", `${path}: another file is in its place`)
}
