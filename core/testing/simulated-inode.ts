import type { Random } from "../base/clock.js"

/** Space is given out in pages, bytes. */
export const PAGE_BYTES = 4096

/** The size of a file was set, or bytes were written at an offset. */
type Change = { readonly sizeBytes: number } | { readonly offset: number; readonly bytes: Uint8Array }

/** As stat(2) has them, nanoseconds. */
export interface SimulatedTimes {
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

/** One file: what programs see of it, and what of that has reached the platters. */
export class SimulatedInode {
  readonly number: number
  /** What programs see. */
  seen: Buffer = Buffer.alloc(0)
  /** Numbers of the pages that take space. */
  readonly pages = new Set<number>()
  readonly birthtimeNs: bigint
  times: SimulatedTimes
  #durable: Buffer = Buffer.alloc(0)
  #durableTimes: SimulatedTimes
  #unsynced: Change[] = []

  constructor(number: number, nowNs: bigint) {
    this.number = number
    this.birthtimeNs = nowNs
    this.times = { mtimeNs: nowNs, ctimeNs: nowNs }
    this.#durableTimes = this.times
  }

  /** Its name or mode changed. */
  changed(nowNs: bigint): void {
    this.times = { ...this.times, ctimeNs: nowNs }
  }

  /** Its content changed. */
  written(nowNs: bigint): void {
    this.times = { mtimeNs: nowNs, ctimeNs: nowNs }
  }

  /** Another program wrote this content and synced it, while ours did not run. */
  overwrite(content: Buffer, times: SimulatedTimes): void {
    this.seen = Buffer.from(content)
    this.#durable = Buffer.from(content)
    this.#unsynced = []
    this.times = times
    this.#durableTimes = times
  }

  resize(sizeBytes: number): void {
    this.seen = resized(this.seen, sizeBytes)
    this.#unsynced.push({ sizeBytes })
  }

  write(bytes: Uint8Array, offset: number): void {
    const change = { offset, bytes: Uint8Array.from(bytes) }
    this.seen = applied(this.seen, change)
    this.#unsynced.push(change)
  }

  /** The writes that a sync started now covers; calling the result completes that sync. */
  beginSync(): () => void {
    const changes = [...this.#unsynced]
    const { times } = this
    return () => {
      this.#durableTimes = times
      const stillUnsynced = changes.filter((change) => this.#unsynced.includes(change))
      for (const change of stillUnsynced) this.#durable = applied(this.#durable, change)
      this.#unsynced = this.#unsynced.filter((change) => !changes.includes(change))
    }
  }

  /**
   * A sync failed. Linux then marks some of the unwritten pages clean: programs still see them, no later sync writes them, and no later
   * sync reports them.
   */
  loseUnsynced(random: Random): void {
    this.#unsynced = this.#unsynced.filter(() => random() < 0.5)
  }

  /** The power fails: of the unsynced writes, any pieces have reached the disk, in any order. */
  afterPowerCut(random: Random): void {
    const grainBytes = pick(random, [1, 512, PAGE_BYTES, Number.POSITIVE_INFINITY])
    const kept = pick(random, [0, 0.5, 0.9, 1])
    const left = this.#unsynced.flatMap((change) => piecesOf(change, grainBytes)).filter(() => random() < kept)
    if (random() < 0.5) shuffle(left, random)
    for (const piece of left) this.#durable = applied(this.#durable, piece)
    this.#unsynced = []
    this.seen = Buffer.from(this.#durable)
    // Times reach the disk when they please: fdatasync need not write them, and a journal may write them alone.
    if (random() < 0.5) this.times = this.#durableTimes
    this.#durableTimes = this.times
  }
}

/** May change `content` in place. */
function applied(content: Buffer, change: Change): Buffer {
  if ("sizeBytes" in change) return resized(content, change.sizeBytes)
  const end = change.offset + change.bytes.length
  const written = content.length < end ? resized(content, end) : content
  written.set(change.bytes, change.offset)
  return written
}

function resized(content: Buffer, sizeBytes: number): Buffer {
  const other = Buffer.alloc(sizeBytes)
  content.copy(other)
  return other
}

function piecesOf(change: Change, grainBytes: number): Change[] {
  if ("sizeBytes" in change) return [change]
  const pieces: Change[] = []
  for (let from = 0; from < change.bytes.length; ) {
    const offset = change.offset + from
    const toBoundary = Math.min(grainBytes - (offset % grainBytes), change.bytes.length - from)
    pieces.push({ offset, bytes: change.bytes.subarray(from, from + toBoundary) })
    from += toBoundary
  }
  return pieces
}

function shuffle(list: unknown[], random: Random): void {
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const moved = list[last]
    list[last] = list[other]
    list[other] = moved
  }
}

function pick(random: Random, choices: readonly number[]): number {
  return choices[Math.floor(random() * choices.length)] ?? 0
}
