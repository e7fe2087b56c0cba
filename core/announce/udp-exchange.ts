import { createSocket } from "node:dgram"
import type { LookupAddress } from "node:dns"

/** A conversation with one address of a UDP tracker. */
export interface UdpLine {
  send(bytes: Uint8Array): void
  /** May be called twice. */
  close(): void
}

export interface UdpListener {
  onDatagram(bytes: Uint8Array): void
  /** The system's error: nothing listens there, no network leads there. */
  onError(error: Error): void
}

/** Opens a line. Tests replace it. */
export type OpenUdp = (address: LookupAddress, port: number, listener: UdpListener) => UdpLine

/** The socket is connected: the system drops what comes from any other address, and reports that nothing listens. */
export const openUdp: OpenUdp = ({ address, family }, port, listener) => {
  const socket = createSocket({ type: family === 6 ? "udp6" : "udp4" })
  const waiting: Uint8Array[] = []
  let isConnected = false
  let isClosed = false
  socket.on("message", (bytes) => {
    if (!isClosed) listener.onDatagram(bytes)
  })
  socket.on("error", (error) => {
    if (!isClosed) listener.onError(error)
  })
  socket.connect(port, address, () => {
    isConnected = true
    for (const bytes of waiting.splice(0)) send(bytes)
  })
  const send = (bytes: Uint8Array) =>
    socket.send(bytes, (error) => {
      if (error !== null && !isClosed) listener.onError(error)
    })
  return {
    send: (bytes) => (isConnected ? send(bytes) : void waiting.push(bytes)),
    close: () => {
      if (isClosed) return
      isClosed = true
      socket.close()
    },
  }
}
