import { describe, expect, it } from "vitest"
import { StoreError } from "../base/errors.js"
import { advance } from "../life/advance.js"
import { beginLife, type LifeEffect, type LifeEvent, NO_PARTS } from "../life/life.js"
import { seededRandom } from "../testing/seeded-random.js"

const full = new StoreError("disk_full", "no room")
const gone = new StoreError("no_such_file", "it is gone")
const wrong = new StoreError("target_exists", "another file")
const parts = { count: 3, bits: undefined, counted: true }

/** Carries effects out as a disk and a swarm might: in any order, with any outcome. */
class World {
  readonly #random: () => number
  /** Outcomes that are still to come. */
  readonly due: LifeEvent[] = []
  isOpen = false
  isInSwarm = false
  isSelecting = false
  readonly settled: number[] = []

  constructor(random: () => number) {
    this.#random = random
  }

  carryOut(effect: LifeEffect): void {
    switch (effect.type) {
      case "open":
        expect(this.isOpen).toBe(false)
        this.isOpen = true
        return this.#later(
          this.#pick([{ type: "opened", isFull: this.#chance() }, failedToOpen(full), failedToOpen(gone)]),
        )
      case "giveUpOpening":
        return this.#giveUp()
      case "join":
        expect([this.isOpen, this.isInSwarm]).toEqual([true, false])
        this.isInSwarm = true
        return this.#later(this.#pick([{ type: "full" }, { type: "storeFailed", error: full }]))
      case "name":
        expect(this.isInSwarm).toBe(true)
        return this.#later(this.#pick([{ type: "named" }, { type: "nameFailed", error: wrong }]))
      case "leave":
        expect(this.isOpen).toBe(true)
        this.isOpen = false
        this.isInSwarm = false
        this.isSelecting = false
        this.#forget("selected")
        this.#forget("selectRefused")
        return this.#later({ type: "left", parts, failure: this.#chance() ? full : undefined })
      case "select":
        expect([this.isOpen, this.isInSwarm, this.isSelecting]).toEqual([true, true, false])
        this.isSelecting = true
        return this.#later(
          this.#pick([
            { type: "selected" },
            { type: "selectRefused", error: full },
            { type: "storeFailed", error: full },
          ]),
        )
      case "mend":
        expect(this.isOpen).toBe(false)
        return this.#later(this.#pick([{ type: "mended" }, { type: "mendFailed", error: gone }]))
      case "discard":
        expect(this.isOpen).toBe(false)
        return this.#later(
          this.#pick([
            { type: "discarded", any: true },
            { type: "discardFailed", error: full },
          ]),
        )
      case "wakeAfter":
        return this.#later({ type: "woke" })
      case "look":
        return this.#later({ type: "looked", isBack: this.#chance() })
      case "sleepOn":
        return this.#forget("woke")
      case "settle":
        this.settled.push(effect.waiter)
    }
  }

  /** One outcome of those that are due. The steps of naming come in their order. */
  next(): LifeEvent | undefined {
    const index = Math.floor(this.#random() * this.due.length)
    const [event] = this.due.splice(index, 1)
    if (event?.type === "openFailed") this.isOpen = false
    if (event?.type === "openGivenUp") this.isOpen = false
    if (event?.type === "selected" || event?.type === "selectRefused") {
      this.isSelecting = false
      this.#later(this.#pick([{ type: "full" }, undefined]))
    }
    if (event?.type === "named") this.#later(this.#pick([{ type: "durable" }, { type: "nameFailed", error: full }]))
    return event
  }

  #giveUp(): void {
    const index = this.due.findIndex(({ type }) => type === "opened" || type === "openFailed")
    if (index >= 0 && this.#chance()) this.due[index] = { type: "openGivenUp", parts }
  }

  #forget(type: string): void {
    const index = this.due.findIndex((event) => event.type === type)
    if (index >= 0) this.due.splice(index, 1)
  }

  #later(event: LifeEvent | undefined): void {
    if (event !== undefined) this.due.push(event)
  }

  #pick<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#random() * choices.length)]
  }

  #chance(): boolean {
    return this.#random() < 0.5
  }
}

function failedToOpen(error: StoreError): LifeEvent {
  return { type: "openFailed", error, parts: NO_PARTS, isMendable: error === gone, isKnown: true }
}

const COMMANDS = ["start", "resume", "pause", "recheck", "select", "waitStill"] as const

describe("random commands and random outcomes", () => {
  it.each(Array.from({ length: 1_000 }, (_, seed) => seed))(
    "seed %i: every command ends, nothing stays open",
    (seed) => {
      const random = seededRandom(seed)
      const world = new World(random)
      let life = beginLife(random() < 0.5 ? "download" : "seed", { at: "new" })
      let asked = 0
      const take = (event: LifeEvent) => {
        const step = advance(life, event)
        const isOver = life.place.at === "closed"
        life = step.life
        if (isOver) expect(life.place.at).toBe("closed")
        for (const effect of step.effects) world.carryOut(effect)
      }
      for (let turn = 0; turn < 40; turn++) {
        const command = random() < 0.4 ? COMMANDS[Math.floor(random() * COMMANDS.length)] : undefined
        const event = command === undefined ? world.next() : { type: command, waiter: asked++ }
        if (event !== undefined) take(event)
      }
      take({ type: "close", waiter: asked++, discard: random() < 0.5 })
      for (let event = world.next(); event !== undefined; event = world.next()) take(event)
      expect(life.place.at).toBe("closed")
      expect([world.isOpen, world.isInSwarm]).toEqual([false, false])
      expect(world.settled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: asked }, (_, waiter) => waiter))
      expect(life.waiters).toEqual([])
    },
  )
})
