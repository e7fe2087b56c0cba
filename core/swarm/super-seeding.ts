import type { Random } from "../base/clock.js"

/**
 * A seed's uplink is what a young swarm waits for: every part it sends twice before it has sent each once makes everybody
 * wait longer (Kumar and Ross's F / u_s). Downloaders can't know what others were asked for a moment ago, nor see more of a
 * large swarm than their neighbours; the seed does. So it seeds as BEP 16 means it (super-seeding), with the message that BEP 6 made for it ("super-seeding without
 * throughput reduction"): each unchoked peer is suggested parts that nobody has and nobody else was suggested. It hides nothing, and
 * peers that don't care for suggestions fetch as they like.
 */
export class SuperSeeding {
  readonly #partCount: number
  /** Where the round began: anywhere, so that two seeds suggest different parts. It runs in sequence, so that disks do. */
  readonly #firstPart: number
  /** Parts of the round so far: suggested, or found with somebody. */
  #passedCount = 0
  /** Suggested to peers that left without having fetched them. */
  readonly #returned: number[] = []

  constructor(partCount: number, random: Random) {
    this.#partCount = partCount
    this.#firstPart = Math.floor(random() * partCount)
  }

  /** The next part that nobody has according to `isOut`, or undefined when all are out. */
  next(isOut: (index: number) => boolean): number | undefined {
    for (let index = this.#returned.pop(); index !== undefined; index = this.#returned.pop())
      if (!isOut(index)) return index
    while (this.#passedCount < this.#partCount) {
      const index = (this.#firstPart + this.#passedCount++) % this.#partCount
      if (!isOut(index)) return index
    }
    return undefined
  }

  giveBack(index: number): void {
    this.#returned.push(index)
  }
}
