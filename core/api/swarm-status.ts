/** How far the machines of a document are, as its trackers know it. Plain values. */
export interface SwarmStatus {
  /** Unfinished ones first, those that lack most before others; not more than were asked for. */
  readonly machines: readonly MachineSnapshot[]
  /** Of all machines. */
  readonly total: number
  readonly complete: number
  readonly downloading: number
  /** Those that lack something, and left or were not heard of for two intervals. */
  readonly silent: number
  readonly trackers: readonly AskedTracker[]
}

/** One machine, an address and port, as it announced itself last. */
export interface MachineSnapshot {
  /** "host:port", IPv6 in brackets. */
  readonly address: string
  readonly state: "complete" | "downloading" | "silent"
  /** Undefined when it did not say. 0: it has all of the document on disk, synced. */
  readonly leftBytes: number | undefined
  /** Between its last two announces. */
  readonly bytesPerSecond: number
  readonly heardSecondsAgo: number
}

export interface AskedTracker {
  readonly url: string
  /** Why it did not answer; undefined when it did. */
  readonly problem: { readonly code: string; readonly message: string } | undefined
}
