/** What a connection asks of a socket: a part of node's `Duplex`, which a simulation has too. */
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
