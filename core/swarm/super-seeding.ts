import type { Random } from "../base/clock.js"

/**
 * In a young swarm the seed's uplink is the bottleneck: every part it sends twice before each was sent once delays all peers (Kumar and
 * Ross's F / u_s). Downloaders can't know what others have just requested, nor see more of a large swarm than their neighbours; the seed
 * can. So it super-seeds (BEP 16) with BEP 6's suggest message ("super-seeding without throughput reduction"): each unchoked peer is
 * suggested parts that no peer has and that were suggested to no other peer. It hides no part, and peers that ignore suggestions fetch
 * in their own order.
 */
export class SuperSeeding {
  readonly #partCount: number
  /** Where the round began: anywhere, so that two seeds suggest different parts. It runs in sequence, so that disks do. */
  readonly #firstPart: number
  /** Parts of the round so far: suggested, or present at a peer. */
  #passedCount = 0
  /** Suggested to peers that left without having fetched them. */
  readonly #returned: number[] = []

  constructor(partCount: number, random: Random) {
    this.#partCount = partCount
    this.#firstPart = Math.floor(random() * partCount)
  }

  /** The next part that no peer has according to `isOut`, or undefined when all are out. */
  next(isOut: (index: number) => boolean): number | undefined {
    for (let index = this.#returned.pop(); index !== undefined; index = this.#returned.pop())
      if (!isOut(index)) return index
    while (this.#passedCount < this.#partCount) {
      const index = (this.#firstPart + this.#passedCount++) % this.#partCount
      if (!isOut(index)) return index
    }
    return undefined
  }

  /** All parts are out, or were suggested. */
  get isOver(): boolean {
    return this.#passedCount === this.#partCount && this.#returned.length === 0
  }

  giveBack(index: number): void {
    this.#returned.push(index)
  }
}
