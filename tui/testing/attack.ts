import { connect, type Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import type { Random } from "../../core/base/clock.js"

/** What a hostile peer does on one connection, as a list. */
export type Step =
  | { readonly send: Uint8Array }
  | { readonly waitMs: number }
  /** Reads nothing any more, so that the other side's answers pile up. */
  | { readonly stopReading: true }

/** How a connection is left: with a FIN, a RST, or not at all until the other side ends it. */
export type Leaving = "end" | "reset" | "stay"

export interface Attack {
  readonly steps: readonly Step[]
  readonly leaving: Leaving
}

/** Carries out an attack; settles when the connection is gone, however that came. Aborting ends it. */
export async function carryOut(attack: Attack, port: number, localAddress: string, signal: AbortSignal): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", localAddress })
  const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()))
  // Being refused, reset and hung up on is what an attacker has to expect.
  socket.on("error", () => undefined)
  socket.resume()
  const giveUp = () => socket.destroy()
  signal.addEventListener("abort", giveUp)
  for (const step of attack.steps) if (!socket.destroyed) await perform(step, socket)
  if (!socket.destroyed) leave(socket, attack.leaving)
  await gone
  signal.removeEventListener("abort", giveUp)
}

async function perform(step: Step, socket: Socket): Promise<void> {
  if ("send" in step) socket.write(step.send)
  else if ("waitMs" in step) await delay(step.waitMs)
  else socket.pause()
}

function leave(socket: Socket, leaving: Leaving): void {
  if (leaving === "reset") socket.resetAndDestroy()
  else if (leaving === "end") {
    // A FIN is seen only by reading.
    socket.resume()
    socket.end()
  }
}

/** Bytes cut into a few pieces with short waits between them. */
export function inPieces(bytes: Uint8Array, random: Random): Step[] {
  const steps: Step[] = []
  for (let from = 0; from < bytes.length; ) {
    const to = from + 1 + Math.floor(random() ** 3 * bytes.length)
    steps.push({ send: bytes.subarray(from, to) })
    if (random() < 0.3) steps.push({ waitMs: Math.floor(random() * 200) })
    from = to
  }
  return steps
}

/** Byte after byte, slower than anything should have to be waited for. */
export function drop(bytes: Uint8Array, everyMs: number): Step[] {
  return Array.from(bytes, (byte) => [{ send: Uint8Array.of(byte) }, { waitMs: everyMs }]).flat()
}

export function anyLeaving(random: Random): Leaving {
  const chance = random()
  if (chance < 0.5) return "end"
  return chance < 0.8 ? "reset" : "stay"
}

export function pickOne<T>(choices: readonly [T, ...T[]], random: Random): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0]
}
