import { setMaxListeners } from "node:events"
import { setTimeout as delay } from "node:timers/promises"
import type { Random } from "../../core/base/clock.js"
import { type Attack, carryOut, pickOne } from "./attack.js"

/** Attacks a second, and how many may run at once: what one hostile machine does without being noticed for its load. */
const ATTACKS_PER_SECOND = 60
const MAX_AT_ONCE = 150

/** A few addresses of this machine, none of them the honest ones': budgets are per address. */
const ADDRESSES = ["127.66.0.1", "127.66.0.2", "127.66.0.3", "127.66.0.4", "127.66.0.5", "127.66.0.6"] as const

export interface Aim {
  readonly port: number
  readonly attack: Attack
}

/** Attacks until the signal; settles with the number of attacks when the last connection is gone. */
export async function besiege(aim: () => Aim, random: Random, signal: AbortSignal): Promise<number> {
  setMaxListeners(0, signal)
  const going = new Set<Promise<void>>()
  let count = 0
  while (!signal.aborted) {
    await delay(1_000 / ATTACKS_PER_SECOND)
    if (going.size >= MAX_AT_ONCE) continue
    const { port, attack } = aim()
    count++
    const done = carryOut(attack, port, pickOne(ADDRESSES, random), signal).finally(() => going.delete(done))
    going.add(done)
  }
  await Promise.all(going)
  return count
}
