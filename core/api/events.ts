/** Something noteworthy happened. The entry file logs it and the screen's log shows it; the engine itself prints nothing. */
export interface ClientEvent {
  readonly level: "debug" | "info" | "warn" | "error"
  /** Stable name, snake_case: "part_failed", "peer_banned", "download_completed". */
  readonly name: string
  /** One plain sentence, fit to show. */
  readonly message: string
  /** The document it concerns. */
  readonly document?: { readonly id: string; readonly name: string }
  /** Address of the peer it concerns, "host:port". */
  readonly peer?: string
  /** The values that the sentence names, for programs. Numbers have their unit in the name. */
  readonly facts?: EventFacts
}

/** Undefined: unknown. */
export type EventFacts = Readonly<Record<string, string | number | boolean | undefined>>

export type EventListener = (event: ClientEvent) => void
