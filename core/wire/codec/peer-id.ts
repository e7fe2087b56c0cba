import { displayText } from "../../base/display.js"
import { PEER_ID_BYTES } from "./constants.js"

/** "-PT0100-": Azureus style (BEP 20), two letters and four digits; PT is this client, 0100 is 0.1.0. */
const OWN_PREFIX = "-PT0100-"
const OWN_CODE = "PT"

/** Random bytes in a peer id of ours. */
export const PEER_ID_RANDOM_BYTES = PEER_ID_BYTES - OWN_PREFIX.length

/** Makes our peer id for one run. `random`: Uint8Array, PEER_ID_RANDOM_BYTES bytes. */
export function createPeerId(random: Uint8Array): Uint8Array {
  const peerId = new Uint8Array(PEER_ID_BYTES)
  peerId.set(Buffer.from(OWN_PREFIX, "latin1"))
  peerId.set(random.subarray(0, PEER_ID_RANDOM_BYTES), OWN_PREFIX.length)
  return peerId
}

/** True when a peer id is one of this project's clients, whatever its version. */
export function isOwnKind(peerId: Uint8Array): boolean {
  return azureusCode(latin1(peerId))?.code === OWN_CODE
}

/** Clients one meets, by their letters in BEP 20; the rest is shown by its letters. */
const CLIENT_NAMES: Readonly<Record<string, string>> = {
  AZ: "Vuze",
  BI: "BiglyBT",
  DE: "Deluge",
  GT: "anacrolix",
  KT: "KTorrent",
  LT: "libtorrent",
  lt: "libTorrent (rTorrent)",
  [OWN_CODE]: "p2p-tui",
  qB: "qBittorrent",
  rQ: "rqbit",
  TR: "Transmission",
  UT: "µTorrent",
  WW: "WebTorrent",
}

/**
 * The client that a peer id names ("p2p-tui 0.1.0", "aria2 1.36.0", "unknown"), safe to display. Used until the peer's extension
 * handshake names it.
 */
export function describePeerId(peerId: Uint8Array): string {
  const text = latin1(peerId)
  const azureus = azureusCode(text)
  if (azureus !== undefined) return `${CLIENT_NAMES[azureus.code] ?? azureus.code} ${azureusVersion(azureus)}`
  // aria2 and Mainline write the version with dashes: "A2-1-36-0-", "M7-10-5--".
  const dashed = /^(A2|M)-?(\d+)-(\d+)-(\d+)-/.exec(text)
  if (dashed !== null) return `${dashed[1] === "M" ? "BitTorrent" : "aria2"} ${dashed.slice(2, 5).join(".")}`
  return "unknown"
}

function azureusCode(text: string): { readonly code: string; readonly version: string } | undefined {
  const found = /^-([A-Za-z][A-Za-z0-9])([0-9A-Za-z]{4})-/.exec(text)
  if (found === null) return undefined
  return { code: displayText(found[1] ?? "", 2), version: found[2] ?? "" }
}

/** WebTorrent: two digits each for the major and the minor version ("0208" is 2.8). */
const TWO_BY_TWO = "WW"

/** Transmission before 4: one digit for the major version, two for the minor ("2940" is 2.94). */
const ONE_BY_TWO = /^TR[0-3]\d\d/

/** "0100" is 0.1.0; letters continue after 9 (BEP 20); the fourth digit is omitted when it is 0. */
function azureusVersion({ code, version }: { readonly code: string; readonly version: string }): string {
  if (code === TWO_BY_TWO && /^\d{4}$/.test(version))
    return `${Number(version.slice(0, 2))}.${Number(version.slice(2, 4))}`
  if (ONE_BY_TWO.test(code + version)) return `${version.slice(0, 1)}.${version.slice(1, 3)}`
  const places = [...version].map((place) => String(Number.parseInt(place, 36)))
  if (places[3] === "0") places.pop()
  return places.join(".")
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")
}
