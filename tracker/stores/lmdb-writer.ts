import type { RootDatabase, TransactionFlags } from "lmdb"

/**
 * lmdb's TransactionFlags SYNCHRONOUS_COMMIT | NO_SYNC_FLUSH: the commit is seen by every reader when the call returns, and
 * reaches the disk with the next sync. Synchronous, because a commit of lmdb's own write thread that fails (a full disk)
 * rejects promises that no caller can reach, and its asynchronous transactions then never settle.
 */
const COMMIT_UNFLUSHED = 0x1_0002 as TransactionFlags

/** A disk that takes longer to sync has failed as far as a request is concerned. Ours; it takes 1 to 20 ms. */
const SYNC_TIMEOUT_MS = 10_000

/** What one commit takes along, so that it never holds a request up for long: some 10 ms. */
const MAX_CHANGES = 1_000

interface Waiting {
  readonly change: () => void
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Not in lmdb's types: syncs on another thread; the callback gets an Error or nothing. */
interface Syncing {
  sync(callback: (error?: unknown) => void): void
}

/** Changes one LMDB environment. Changes that must be on disk before an answer share commits and syncs. */
export class LmdbWriter {
  readonly #root: RootDatabase
  readonly #requireRoom: () => void
  readonly #onSyncFailed: (error: unknown) => void
  readonly #waiting: Waiting[] = []
  #isDirty = false
  #running: Promise<void> | undefined

  /** `requireRoom`: throws when no transaction may begin. `onSyncFailed`: called when a sync without a waiting caller failed. */
  constructor(root: RootDatabase, requireRoom: () => void, onSyncFailed: (error: unknown) => void) {
    this.#root = root
    this.#requireRoom = requireRoom
    this.#onSyncFailed = onSyncFailed
  }

  /** Runs `change` as one transaction, now. Throws what LMDB throws (a full disk, say), and then nothing has changed. */
  commit(change: () => void): void {
    this.#transact(change)
    this.#isDirty = true
    this.#run()
  }

  /** Resolves when `change` is on disk. Rejects when that fails, or takes longer than 10 s. */
  durably(change: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const tooLate = setTimeout(() => reject(new Error("the disk did not sync in 10 s")), SYNC_TIMEOUT_MS)
      const settle =
        <Value>(settleNow: (value: Value) => void) =>
        (value: Value) => {
          clearTimeout(tooLate)
          settleNow(value)
        }
      this.#waiting.push({ change, resolve: settle<void>(resolve), reject: settle(reject) })
      this.#run()
    })
  }

  /** Resolves when all that was committed so far is on disk, or could not be brought there. */
  async idle(): Promise<void> {
    if (this.#running === undefined) return
    let giveUp: NodeJS.Timeout | undefined
    const deadline = new Promise<void>((resolve) => {
      giveUp = setTimeout(resolve, SYNC_TIMEOUT_MS)
    })
    await Promise.race([this.#running, deadline])
    clearTimeout(giveUp)
  }

  #transact(change: () => void): void {
    this.#requireRoom()
    this.#root.transactionSync(change, COMMIT_UNFLUSHED)
  }

  #run(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined
    })
  }

  /** Never rejects. */
  async #drain(): Promise<void> {
    while (this.#isDirty || this.#waiting.length > 0) {
      // Whatever else this turn of the event loop brings goes along.
      await new Promise((resolve) => setImmediate(resolve))
      const group = this.#waiting.splice(0, MAX_CHANGES)
      try {
        if (group.length > 0)
          this.#transact(() => {
            for (const { change } of group) change()
          })
        this.#isDirty = false
        await this.#sync()
        for (const { resolve } of group) resolve()
      } catch (error) {
        this.#isDirty = false
        for (const { reject } of group) reject(error)
        if (group.length === 0) this.#onSyncFailed(error)
      }
    }
  }

  #sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      const root = this.#root as RootDatabase & Syncing
      root.sync((error) => (error === undefined ? resolve() : reject(error)))
    })
  }
}
