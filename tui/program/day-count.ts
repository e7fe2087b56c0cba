import { join } from "node:path"
import { z } from "zod"
import type { Client, ClientSnapshot, TakenFolder } from "../../core/index.js"
import { onChangeAtMost } from "../base/change-throttle.js"
import { readOwnFile, writeOwnFile } from "../base/own-file.js"
import type { MovedToday } from "../commands/moved-today.js"

const schema = z.object({
  /** "2026-11-26", local time. */
  day: z.string(),
  downloadedBytes: z.number().nonnegative(),
  uploadedBytes: z.number().nonnegative(),
})

type Count = z.infer<typeof schema>

/** Without a screen that asks, what has moved is counted this often. Our choice: a document that is removed loses at most as much. */
const COUNT_EVERY_MS = 5_000
/** While bytes move, the file is written this often: `kill -9` loses as much of the count. Our choice. */
const WRITE_EVERY_MS = 60_000
/** The file has about 100. Our choice. */
const MAX_BYTES = 4_096

/** Counts the bytes of the day, over restarts of the client: midnight is that of the local time. */
export class DayCount {
  readonly #path: string
  readonly #lost: AbortSignal
  readonly #now: () => Date
  /** Bytes of the session, of each document, that are counted. */
  readonly #counted = new Map<string, MovedToday>()
  #count: Count
  #writtenAtMs: number
  #isWritten = true

  /** `now`: the wall clock, because a day is one. */
  constructor(folder: Pick<TakenFolder, "stateFolder" | "lost">, now: () => Date = () => new Date()) {
    this.#path = join(folder.stateFolder, "today.json")
    this.#lost = folder.lost
    this.#now = now
    this.#count = read(this.#path) ?? { day: "", downloadedBytes: 0, uploadedBytes: 0 }
    this.#writtenAtMs = now().getTime()
  }

  /** Counts what a snapshot has more than the one before; what has moved today. */
  take({ documents }: Pick<ClientSnapshot, "documents">): MovedToday {
    const day = dayOf(this.#now())
    // A clock that is set back to yesterday begins a count anew, too.
    if (this.#count.day !== day) this.#count = { day, downloadedBytes: 0, uploadedBytes: 0 }
    let { downloadedBytes, uploadedBytes } = this.#count
    for (const document of documents) {
      const before = this.#counted.get(document.id)
      downloadedBytes += more(before?.downloadedBytes, document.downloadedBytes)
      uploadedBytes += more(before?.uploadedBytes, document.uploadedBytes)
      if (before?.downloadedBytes === document.downloadedBytes && before.uploadedBytes === document.uploadedBytes)
        continue
      this.#counted.set(document.id, {
        downloadedBytes: document.downloadedBytes,
        uploadedBytes: document.uploadedBytes,
      })
    }
    if (downloadedBytes !== this.#count.downloadedBytes || uploadedBytes !== this.#count.uploadedBytes) {
      this.#count = { day, downloadedBytes, uploadedBytes }
      this.#isWritten = false
      if (Math.abs(this.#now().getTime() - this.#writtenAtMs) >= WRITE_EVERY_MS) this.write()
    }
    return { downloadedBytes, uploadedBytes }
  }

  /** Counts while nothing asks. Returns the end, which counts and writes what is left. */
  follow(client: Pick<Client, "snapshot" | "onChange">): () => void {
    const take = (): void => void this.take(client.snapshot())
    const stop = onChangeAtMost(client, COUNT_EVERY_MS, take)
    return () => {
      stop()
      take()
      this.write()
    }
  }

  /** Another client that has the folder now counts for itself. */
  write(): void {
    if (this.#isWritten || this.#lost.aborted) return
    this.#isWritten = true
    this.#writtenAtMs = this.#now().getTime()
    writeOwnFile(this.#path, JSON.stringify(this.#count))
  }
}

/** A document that was removed and taken up again begins at 0. */
function more(before = 0, now: number): number {
  return now >= before ? now - before : now
}

function dayOf(date: Date): string {
  const two = (part: number): string => String(part).padStart(2, "0")
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

function read(path: string): Count | undefined {
  const text = readOwnFile(path, MAX_BYTES)
  try {
    return text === undefined ? undefined : schema.parse(JSON.parse(text))
  } catch {
    // It is damaged: the count begins anew.
    return undefined
  }
}
