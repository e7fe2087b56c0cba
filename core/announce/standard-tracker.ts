import type { LookupAll } from "./foreign-address.js"

/** What standard trackers have in common, over HTTP and UDP. */
export interface Bep3TrackerOptions {
  /** The announce URL of the metainfo file; may have a query. */
  readonly announceUrl: string
  /** Uint8Array, 20 bytes each. */
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  readonly userAgent?: string
  readonly timeoutMs?: number
  /** Sent as BEP 3's `ip`: an IP address at which others reach us. Without it the tracker takes the address it sees. */
  readonly announcedHost?: string | undefined
  /** Runs each request when it is its turn; default: at once. The time-out begins then. */
  readonly limit?: <T>(run: () => Promise<T>) => Promise<T>
  /** How host names are resolved; default: by the system. */
  readonly lookup?: LookupAll
}

/** Between announces when a standard tracker names no interval: what libtorrent takes then. */
export const STANDARD_INTERVAL_SECONDS = 1_800

/** Peers asked for: what fills a document's connections, with some to spare (BEP 3's `numwant`). */
export const NUMWANT = 80

/** Rejects with the signal's reason at once, also while the work only waits for its turn. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    signal.addEventListener("abort", giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp))
  })
}
