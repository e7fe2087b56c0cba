/**
 * Local service discovery (BEP 14): a datagram to a multicast group says that its sender has documents or looks for them. A client that knows
 * one of them connects to the sender; nothing is answered.
 */
export interface LanMessage {
  /** Where the sender is dialled, 1..65535; its address is that of the datagram. */
  readonly port: number
  /** 40 hex digits each, lower case. */
  readonly names: readonly string[]
  /** By which a sender knows its own datagrams; undefined when it sends none. */
  readonly cookie: string | undefined
  /** The sender says that it lacks nothing of them: a seed has nothing to exchange with it. A header of this project, which others skip. */
  readonly isFinished: boolean
}

/** BEP 14: the groups, and the port of both. */
export const LAN_GROUP4 = "239.192.152.143"
export const LAN_GROUP6 = "ff15::efc0:988f"
export const LAN_PORT = 6_771

/** A datagram that any Ethernet carries in one piece; BEP 14 asks for 1,400 bytes at most. Larger ones are not read. */
export const MAX_LAN_BYTES = 1_400

/** Lines that are read; the bytes hold 26 names at most. */
const MAX_LINES = 64
const MAX_COOKIE_CHARACTERS = 64

/** "Infohash: " and 40 digits and the end of the line, 52 bytes each, beside some 130 of the rest. Our choice. */
export const MAX_NAMES_SENT = 24

const REQUEST_LINE = "BT-SEARCH * HTTP/1.1"

/** `group`: as it stands in Host. */
export function encodeLanMessage(message: LanMessage, group: string): Uint8Array {
  const host = group.includes(":") ? `[${group}]` : group
  const lines = [
    REQUEST_LINE,
    `Host: ${host}:${LAN_PORT}`,
    `Port: ${message.port}`,
    ...message.names.map((name) => `Infohash: ${name}`),
    ...(message.isFinished ? ["Left: 0"] : []),
    ...(message.cookie === undefined ? [] : [`cookie: ${message.cookie}`]),
  ]
  // BEP 14 ends with two empty lines, which some clients look for.
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n\r\n`, "latin1")
}

/** Reads a datagram of anybody; undefined for what is no announce, or names nothing. */
export function parseLanMessage(bytes: Uint8Array): LanMessage | undefined {
  if (bytes.length > MAX_LAN_BYTES) return undefined
  const [first, ...lines] = Buffer.from(bytes).toString("latin1").split("\r\n", MAX_LINES)
  if (first === undefined || !/^BT-SEARCH \* HTTP\/1\.[01]$/.test(first)) return undefined
  const names: string[] = []
  let port: number | undefined
  let cookie: string | undefined
  let isFinished = false
  for (const line of lines) {
    const colon = line.indexOf(":")
    const value = line.slice(colon + 1).trim()
    switch (line.slice(0, Math.max(0, colon)).toLowerCase()) {
      case "port":
        if (!/^\d{1,5}$/.test(value)) return undefined
        port = Number(value)
        break
      case "infohash":
        if (/^[0-9a-f]{40}$/i.test(value)) names.push(value.toLowerCase())
        break
      case "cookie":
        cookie = value.slice(0, MAX_COOKIE_CHARACTERS)
        break
      case "left":
        isFinished = value === "0"
        break
    }
  }
  if (port === undefined || port < 1 || port > 65_535 || names.length === 0) return undefined
  return { port, names: [...new Set(names)], cookie, isFinished }
}
