import type { SwarmStatus } from "../../core/index.js"
import { MAX_MACHINES } from "./status.js"

/** Polls after which the list is asked for although the sums are as before: a tracker that was restarted may have forgotten one and heard of another. */
const LIST_EVERY = 12

/** Counts the machines that were complete at some time, by the answers of a tracker that may forget them. */
export class CompleteCount {
  readonly #ask: (limit: number) => Promise<SwarmStatus>
  /** Complete in the last list. */
  #listed: ReadonlySet<string> = new Set()
  /** Complete in a list before, and not in the last one. */
  readonly #forgotten = new Set<string>()
  #version: string | undefined
  #polls = 0

  /** `ask`: with the most machines to list, 0 for the sums alone. */
  constructor(ask: (limit: number) => Promise<SwarmStatus>) {
    this.#ask = ask
  }

  /** Peers that have all, besides the first. The list is asked for where the sums changed, so that a poll costs little. */
  async ask(): Promise<number> {
    const sums = await this.#ask(0)
    const version = `${sums.complete} ${sums.total}`
    if (version !== this.#version || this.#polls >= LIST_EVERY) {
      const { machines } = await this.#ask(MAX_MACHINES)
      this.#list(new Set(machines.flatMap(({ address, state }) => (state === "complete" ? [address] : []))))
      this.#version = version
      this.#polls = 0
    }
    this.#polls++
    return Math.max(0, Math.max(sums.complete, this.#listed.size + this.#forgotten.size) - 1)
  }

  /** The tracker may have been restarted: whatever it does not know afterwards, it has forgotten. */
  onTrouble(): void {
    for (const address of this.#listed) this.#forgotten.add(address)
    this.#listed = new Set()
    this.#version = undefined
  }

  #list(complete: ReadonlySet<string>): void {
    const added = [...complete].filter((address) => !this.#listed.has(address))
    for (const address of this.#listed) {
      if (complete.has(address)) continue
      // A client that was restarted under another port took its own place.
      const again = added.findIndex((each) => hostOf(each) === hostOf(address))
      if (again === -1) this.#forgotten.add(address)
      else added.splice(again, 1)
    }
    for (const address of complete) this.#forgotten.delete(address)
    this.#listed = complete
  }
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(":"))
}
