import { Refusal } from "../base/refusal.js"
import { COMPACT6_BYTES } from "../peers/compact.js"
import type { Announce, SwarmView } from "../peers/peer-store.js"
import type { Caller } from "./client-address.js"
import type { RouteContext } from "./route.js"

/** Sent to a client over its budget, or whose document is full: until then some peers may have expired. */
const RETRY_AFTER_SECONDS = 60

/** The interval that is answered lies within ± this share of it, so that a swarm does not come back as one crowd. */
const JITTER = 0.1

/** An announce of either protocol, within the caller's budget. Throws a Refusal 404 or 429. */
export async function announceToSwarm(
  announce: Omit<Announce, "mayAdd">,
  caller: Caller,
  context: RouteContext,
): Promise<SwarmView> {
  const { newPeers } = context.budgets
  const { hash, peer, left, event, limit } = announce
  // Field by field: a spread gives V8 an object of a new kind each time, which costs every reader of it.
  const view = await context.store.announce({ hash, peer, left, event, limit, mayAdd: newPeers.has(caller.budgetKey) })
  if (view === undefined) throw new Refusal(404, "unknown_hash", `no document ${announce.hash} was registered here`)
  if (view.caller === "refused")
    throw tooMany("too_many_peers", "this document, or your address, has as many peers here as it may have")
  if (view.caller === "added") newPeers.take(caller.budgetKey)
  return view
}

/** Charges a document to the caller's budget. Throws a Refusal 429. */
export function chargeDocument(caller: Caller, context: RouteContext): void {
  if (!takeDocument(caller, context))
    throw tooMany("too_many_documents", "your address has registered as many documents as it may for now")
}

/** Charges it likewise; false where the caller may register none for now. */
export function takeDocument(caller: Caller, context: RouteContext): boolean {
  const { documents, sites } = context.budgets
  // An IPv6 site commonly has a /48, which is 65,536 times the /64 that counts as one address.
  const siteKey = caller.compact.length === COMPACT6_BYTES ? caller.compact.subarray(0, 6).join(".") : undefined
  if (!documents.has(caller.budgetKey) || (siteKey !== undefined && !sites.has(siteKey))) return false
  documents.take(caller.budgetKey)
  if (siteKey !== undefined) sites.take(siteKey)
  return true
}

/** Requests of one caller that wait for each other; each holds a body of 47 KiB at most. */
const MAX_WAITING = 100

/** Charges what a request costs, in announces, to the caller's budget. Throws a Refusal 429. */
export function chargeWork(caller: Caller, announces: number, context: RouteContext): void {
  if (context.turns.waiting(caller.budgetKey) >= MAX_WAITING) throw tooMuchWork(caller, context)
  chargeSize(caller, announces, context)
}

/** The same for a request whose size shows when it has its turn. */
export function chargeSize(caller: Caller, announces: number, context: RouteContext): void {
  const { work } = context.budgets
  if (!work.has(caller.budgetKey)) throw tooMuchWork(caller, context)
  if (announces > 0) work.take(caller.budgetKey, announces)
}

function tooMuchWork({ budgetKey }: Caller, { budgets: { work } }: RouteContext): Refusal {
  return tooMany("too_much_work", "your address asks for more than it may", work.secondsUntilAny(budgetKey))
}

/** Documents of one request that are queried at once, so that a remote store serves other announces in between. */
const MANY_AT_ONCE = 16

/** Asks the store for each of many documents, after the other such requests of this caller. */
export function askForMany<Found>(
  hashes: readonly string[],
  { budgetKey }: Caller,
  { turns }: RouteContext,
  ask: (hash: string) => Promise<Found>,
): Promise<readonly Found[]> {
  return turns.take(budgetKey, async () => {
    const found: Found[] = []
    for (let start = 0; start < hashes.length; start += MANY_AT_ONCE)
      found.push(...(await Promise.all(hashes.slice(start, start + MANY_AT_ONCE).map(ask))))
    return found
  })
}

/** Whole seconds until the caller's next announce. */
export function nextInterval({ intervalSeconds, jitters, random }: RouteContext): number {
  return jitters ? Math.round(intervalSeconds * (1 - JITTER + 2 * JITTER * random())) : intervalSeconds
}

function tooMany(code: string, message: string, retryAfterSeconds = RETRY_AFTER_SECONDS): Refusal {
  return new Refusal(429, code, message, { "retry-after": String(Math.min(retryAfterSeconds, RETRY_AFTER_SECONDS)) })
}
