import { stat } from "node:fs/promises"
import { dirname } from "node:path"
import { errnoOf, StoreError } from "../base/errors.js"
import { formatBytes } from "../base/format-bytes.js"
import type { DiskCalls } from "../store/disk-calls.js"
import { noRoomWords } from "../store/disk-errors.js"
import { downloadNames } from "../store/download-names.js"
import { statsIfThere } from "../store/unfinished-file.js"

interface Claim {
  /** Of the file system, stat(2). */
  readonly device: number
  readonly missingBytes: () => number
}

/**
 * Bytes that the downloads of a client still have to write, by file system: space claimed by one download is not free for another. A
 * download holds its claim from before its opening until it is closed. Other programs' writes are noticed only when the disk is full.
 */
export class SpaceClaims {
  readonly #calls: Pick<DiskCalls, "freeBytesAt">
  readonly #claims = new Map<string, Claim>()

  constructor(calls: Pick<DiskCalls, "freeBytesAt">) {
    this.#calls = calls
  }

  /**
   * Claims the space that the download `id` into `filePath` lacks. Claims nothing if the file exists or its folder does not: opening
   * the file reports these errors.
   * @throws StoreError "disk_full".
   */
  async claim(id: string, filePath: string, sizeBytes: number): Promise<void> {
    this.release(id)
    const room = await roomFor(filePath, sizeBytes, this.#calls)
    if (room === undefined) return
    const { device, neededBytes, freeBytes } = room
    // Nothing is awaited from here on: of two that ask at the same time, the second sees the claim of the first.
    const claimedBytes = this.#claimedBytes(device)
    if (neededBytes > freeBytes - claimedBytes) {
      const others =
        claimedBytes > 0 ? `, ${formatBytes(Math.min(claimedBytes, freeBytes))} of them for other downloads` : ""
      const what = `${filePath}: ${noRoomWords(neededBytes, freeBytes)}${others}`
      throw new StoreError("disk_full", what)
    }
    this.#claims.set(id, { device, missingBytes: () => neededBytes })
  }

  /** It is open: from now on it claims what its store lacks. */
  follow(id: string, missingBytes: () => number): void {
    const claim = this.#claims.get(id)
    if (claim !== undefined) this.#claims.set(id, { device: claim.device, missingBytes })
  }

  release(id: string): void {
    this.#claims.delete(id)
  }

  #claimedBytes(device: number): number {
    let bytes = 0
    for (const claim of this.#claims.values()) if (claim.device === device) bytes += claim.missingBytes()
    return bytes
  }
}

async function roomFor(filePath: string, sizeBytes: number, { freeBytesAt }: Pick<DiskCalls, "freeBytesAt">) {
  try {
    if ((await statsIfThere(filePath)) !== undefined) return undefined
    const unfinished = await statsIfThere(downloadNames(filePath).part)
    // The blocks of a sparse file (512 bytes each, stat(2)) are the space that it occupies already.
    const takenBytes = Math.min(sizeBytes, Number(unfinished?.blocks ?? 0n) * 512)
    const { dev: device } = await stat(dirname(filePath))
    return { device, neededBytes: sizeBytes - takenBytes, freeBytes: await freeBytesAt(filePath) }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}
