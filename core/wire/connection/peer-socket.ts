/** The parts of a socket that a connection uses: a subset of Node's `Duplex`, which the simulation implements too. */
export interface PeerSocket {
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown
  on(event: "end" | "close", listener: () => void): unknown
  on(event: "error", listener: (error: Error) => void): unknown
  once(event: "close", listener: () => void): unknown
  write(bytes: Uint8Array, taken: () => void): unknown
  cork(): void
  uncork(): void
  pause(): unknown
  resume(): unknown
  destroy(): unknown
}
