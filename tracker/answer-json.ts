import { COMPACT4_BYTES, COMPACT6_BYTES, compactHost, compactPort } from "./compact.js"
import type { SwarmView } from "./peer-store.js"

const HEAD = Buffer.from('{"peers":[')
const HOST = Buffer.from('{"listening_host":"')
const PORT = Buffer.from('","listening_port":')
const [COMMA, DOT, BRACE, DIGIT_0] = [0x2c, 0x2e, 0x7d, 0x30]

/** Longest text of one IPv4 peer: the fixed parts, 15 characters of address, 5 of port, brace and comma. */
const MAX_PEER4_TEXT = HOST.length + PORT.length + 15 + 5 + 2
const MAX_TAIL_TEXT = 80

/**
 * The answer of POST /peers (`PeersAnswer`) as JSON bytes. Written out by hand because it is most of what a tracker
 * does: 7 to 10 µs for 50 peers, where objects for JSON.stringify take 21 (measured alone, Node 20).
 */
export function encodePeersAnswer(view: SwarmView, intervalSeconds: number): Buffer {
  const count4 = view.peers4.length / COMPACT4_BYTES
  const text6 = view.peers6.length === 0 ? "" : textOfPeers6(view.peers6, count4 > 0)
  const tail = `${text6}],"interval":${intervalSeconds},"total":${view.seeders + view.leechers}}`
  const out = Buffer.allocUnsafe(HEAD.length + count4 * MAX_PEER4_TEXT + text6.length + MAX_TAIL_TEXT)
  let at = writePeers4(out, copy(HEAD, out, 0), view.peers4)
  at += out.write(tail, at, "latin1")
  return out.subarray(0, at)
}

function writePeers4(out: Buffer, start: number, peers: Uint8Array): number {
  let at = start
  for (let peer = 0; peer < peers.length; peer += COMPACT4_BYTES) {
    if (peer > 0) out[at++] = COMMA
    at = copy(HOST, out, at)
    at = writeNumber(out, at, peers[peer] ?? 0)
    for (let octet = peer + 1; octet < peer + 4; octet++) {
      out[at++] = DOT
      at = writeNumber(out, at, peers[octet] ?? 0)
    }
    at = copy(PORT, out, at)
    at = writeNumber(out, at, compactPort(peers, peer, COMPACT4_BYTES))
    out[at++] = BRACE
  }
  return at
}

function textOfPeers6(peers: Uint8Array, continued: boolean): string {
  const texts: string[] = []
  for (let peer = 0; peer < peers.length; peer += COMPACT6_BYTES) {
    const host = compactHost(peers, peer, COMPACT6_BYTES)
    texts.push(`{"listening_host":"${host}","listening_port":${compactPort(peers, peer, COMPACT6_BYTES)}}`)
  }
  return (continued ? "," : "") + texts.join(",")
}

/** Buffer.set costs more than this loop for texts as short as these. */
function copy(text: Buffer, out: Buffer, start: number): number {
  let at = start
  for (let index = 0; index < text.length; index++) out[at++] = text[index] ?? 0
  return at
}

/** Writes a whole number from 0 to 99,999. */
function writeNumber(out: Buffer, start: number, value: number): number {
  let at = start
  if (value >= 10_000) out[at++] = DIGIT_0 + ((value / 10_000) | 0)
  if (value >= 1_000) out[at++] = DIGIT_0 + (((value / 1_000) | 0) % 10)
  if (value >= 100) out[at++] = DIGIT_0 + (((value / 100) | 0) % 10)
  if (value >= 10) out[at++] = DIGIT_0 + (((value / 10) | 0) % 10)
  out[at++] = DIGIT_0 + (value % 10)
  return at
}
