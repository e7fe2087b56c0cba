import { COMPACT4_BYTES, COMPACT6_BYTES, compactHost, compactPort, splitCompact } from "../address/compact-peers.js"
import { parseHost } from "../address/host.js"
import { type BencodeDictionary, type BencodeValue, decodeBencode, isBencodeDictionary } from "../base/bencode.js"
import { displayText } from "../base/display.js"
import { P2pError, TrackerError } from "../base/errors.js"
import type { HttpAnswer } from "./http-exchange.js"
import { MAX_PEERS_PER_ANSWER } from "./peer-filter.js"
import type { PeerShape } from "./shapes.js"
import { statusWords } from "./status-words.js"
import { MAX_ANSWER_BYTES, MAX_SHOWN_CHARACTERS } from "./tracker-client.js"

/** An answer of a standard tracker, of which the peers are not checked yet. */
export interface Bep3Answer {
  readonly peers: readonly PeerShape[]
  /** Undefined where the tracker names none. */
  readonly intervalSeconds: number | undefined
  readonly minIntervalSeconds: number | undefined
  /** BEP 3's `tracker id`. */
  readonly trackerId: Uint8Array | undefined
  /** Warnings for the user, safe to display. */
  readonly warnings: readonly string[]
}

/** Longest `tracker id` that is kept, bytes. Our choice: it goes into every URL. */
const MAX_TRACKER_ID_BYTES = 200

/**
 * Parses the answer of a standard tracker (BEP 3, 7, 23, 31), as leniently as common clients do.
 * @throws TrackerError "busy", "refused" (with retryAfterMs if the tracker names a time) or "bad_answer".
 */
export function readBep3Answer(answer: HttpAnswer<Uint8Array>): Bep3Answer {
  const body = acceptedBody(answer)
  const peers = [...peersOf(body["peers"], COMPACT4_BYTES), ...peersOf(body["peers6"], COMPACT6_BYTES)]
  const given = body["tracker id"]
  return {
    peers,
    intervalSeconds: secondsOf(body["interval"]),
    minIntervalSeconds: secondsOf(body["min interval"]),
    trackerId: given instanceof Uint8Array && given.length <= MAX_TRACKER_ID_BYTES ? given : undefined,
    warnings: [...warningOf(body["warning message"]), ...namesWarning(peers)],
  }
}

function acceptedBody(answer: HttpAnswer<Uint8Array>): BencodeDictionary {
  const { status, retryAfterMs, location } = answer
  const body = decode(answer.body)
  // Some trackers give their reason with a status of 400 or so, BEP 3 with 200.
  const reason = body?.["failure reason"]
  if (body !== undefined && reason instanceof Uint8Array)
    throw new TrackerError("refused", `the tracker refused: ${shownText(reason)}`, {
      status,
      retryAfterMs: waitAfterFailure(body) ?? retryAfterMs,
    })
  const words = statusWords(status, location)
  if (status === 429 || status === 503)
    throw new TrackerError("busy", `the tracker is busy (${words})`, { status, retryAfterMs })
  if (status >= 400 && status < 500)
    throw new TrackerError("refused", `the tracker refused (${words})`, { status, retryAfterMs })
  if (status !== 200)
    throw new TrackerError("bad_answer", `the tracker answered with ${words}, 200 is expected`, {
      status,
      retryAfterMs,
    })
  if (body === undefined) throw new TrackerError("bad_answer", misunderstood(answer.body), { status })
  return body
}

function decode(body: Uint8Array): BencodeDictionary | undefined {
  try {
    const value = decodeBencode(body, { maxDepth: 8, maxBytes: MAX_ANSWER_BYTES, lenient: true })
    return isBencodeDictionary(value) ? value : undefined
  } catch (error) {
    if (!(error instanceof P2pError)) throw error
    return undefined
  }
}

/** How long to stay away after a failure: BEP 31 in minutes, or "never"; many trackers give an interval instead. */
function waitAfterFailure(body: BencodeDictionary): number | undefined {
  const minutes = body["retry in"]
  if (minutes instanceof Uint8Array && Buffer.from(minutes).toString("latin1") === "never")
    return Number.POSITIVE_INFINITY
  const seconds = [secondsOf(minutes, 60), secondsOf(body["min interval"]), secondsOf(body["interval"])]
  const named = seconds.filter((each) => each !== undefined)
  return named[0] === undefined ? undefined : Math.max(...named) * 1_000
}

function misunderstood(body: Uint8Array): string {
  const start = Buffer.from(body.subarray(0, 200)).toString("latin1").trimStart()
  if (body.length === 0) return "the tracker's answer is empty"
  if (start.startsWith("<")) return "the answer is a web page, not that of a tracker"
  return "the tracker's answer can't be understood: it is not a bencoded dictionary"
}

function warningOf(value: BencodeValue | undefined): readonly string[] {
  return value instanceof Uint8Array && value.length > 0 ? [`the tracker warns: ${shownText(value)}`] : []
}

/** Host names are never looked up: a foreign tracker could choose the hosts that we contact. */
function namesWarning(peers: readonly PeerShape[]): readonly string[] {
  const named = peers.filter(({ listening_host }) => parseHost(listening_host) === undefined)
  const [first] = named
  if (first === undefined) return []
  const shown = displayText(first.listening_host, 60)
  return [
    `the tracker gives ${named.length} of ${peers.length} peers by a name instead of an IP address, such as "${shown}": they are left out`,
  ]
}

/** Compact peers of `bytes` each, or BEP 3's first form: a list of dictionaries. Any other value holds no peers. */
function peersOf(value: BencodeValue | undefined, bytes: number): PeerShape[] {
  if (value instanceof Uint8Array)
    return splitCompact(value.subarray(0, MAX_PEERS_PER_ANSWER * bytes), bytes).map((peer) => ({
      listening_host: compactHost(peer),
      listening_port: compactPort(peer),
    }))
  if (!Array.isArray(value)) return []
  return value.slice(0, MAX_PEERS_PER_ANSWER).flatMap((peer) => {
    if (!isBencodeDictionary(peer)) return []
    const { ip, port } = peer
    if (!(ip instanceof Uint8Array) || typeof port !== "number") return []
    return [{ listening_host: new TextDecoder().decode(ip), listening_port: port }]
  })
}

/** A number above zero, in seconds; some trackers write it as a text. */
function secondsOf(value: BencodeValue | undefined, unitSeconds = 1): number | undefined {
  const number =
    value instanceof Uint8Array && value.length <= 10 ? Number(Buffer.from(value).toString("latin1")) : value
  return typeof number === "number" && number > 0 ? number * unitSeconds : undefined
}

function shownText(bytes: Uint8Array): string {
  return displayText(new TextDecoder().decode(bytes), MAX_SHOWN_CHARACTERS)
}
