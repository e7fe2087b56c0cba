/** How a document came by an address without a tracker. */
export type MeetingSource = "listed" | "lan"

/** A document that looks for peers, as the places know it where peers meet. */
export interface MeetingMember {
  /** Uint8Array, 20 bytes: what the document is called on the local network; undefined: it is not named there. */
  readonly localName: Uint8Array | undefined
  /** Any client may join; then other clients are to understand its announces. */
  readonly isOpen: boolean
  /** Whether it is to be found by more peers: parts, or its description, are missing. */
  lacksParts(): boolean
  /** Addresses as "host:port", IPv6 in brackets. */
  onPeers(addresses: readonly string[], source: MeetingSource): void
}

/** A place where peers meet without a tracker. */
export interface MeetingPlace {
  /** Returns how to leave; may be called twice. */
  join(member: MeetingMember): () => void
  /** May be called twice. */
  close(): void
}

/** All places of a client, as one. */
export function meetingPlaces(places: readonly MeetingPlace[]): MeetingPlace {
  return {
    join(member) {
      const leave = places.map((place) => place.join(member))
      return () => {
        for (const each of leave) each()
      }
    },
    close() {
      for (const place of places) place.close()
    },
  }
}
