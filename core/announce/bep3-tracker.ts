import { type BencodeDictionary, type BencodeValue, decodeBencode, isBencodeDictionary } from "../bencode.js"
import { displayText } from "../display.js"
import { P2pError, TrackerError } from "../errors.js"
import { COMPACT4_BYTES, COMPACT6_BYTES, compactHost, compactPort, splitCompact } from "./compact-peers.js"
import { getBytes, type HttpAnswer } from "./http-exchange.js"
import { acceptPeers, MAX_PEERS_PER_ANSWER } from "./peer-filter.js"
import { DEFAULT_INTERVAL_SECONDS, type PeerShape } from "./shapes.js"
import { isThisMachine, ownHosts } from "./this-machine.js"
import {
  type AnnounceAnswer,
  type AnnounceRequest,
  DEFAULT_TIMEOUT_MS,
  MAX_ANSWER_BYTES,
  MAX_SHOWN_CHARACTERS,
  type TrackerClient,
} from "./tracker-client.js"

export interface Bep3TrackerOptions {
  /** The announce URL as the metainfo file has it; may carry a query of its own. */
  readonly announceUrl: string
  /** Uint8Array, 20 bytes each. */
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  readonly userAgent?: string
  readonly timeoutMs?: number
}

/** Peers asked for: what fills a document's connections, with some to spare (BEP 3's `numwant`). */
const NUMWANT = 80

/**
 * A standard HTTP tracker, for one document (BEP 3, compact answers of BEP 23 and 7, `retry in` of BEP 31). Errors as for
 * TrackerClient; what the tracker gives as its "failure reason" is "refused". There is nothing to register.
 */
export function createBep3Tracker(options: Bep3TrackerOptions): TrackerClient {
  const trackerIsLocal = isThisMachine(new URL(options.announceUrl).hostname)
  /** BEP 3's `tracker id`: to be sent back once it was given. */
  let trackerId: Uint8Array | undefined
  return {
    url: new URL(options.announceUrl).origin,
    register: () =>
      Promise.reject(new TrackerError("refused", "documents can't be registered with a standard BitTorrent tracker")),
    async announce(request, signal) {
      const answer = readAnswer(
        await getBytes({
          url: announceUrl(options, request, trackerId),
          headers: { "user-agent": options.userAgent ?? "p2p-tui" },
          timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
          maxBodyBytes: MAX_ANSWER_BYTES,
          signal,
        }),
      )
      const given = answer["tracker id"]
      if (given instanceof Uint8Array && given.length <= MAX_SHOWN_CHARACTERS) trackerId = given
      return answerOf(answer, request, trackerIsLocal)
    },
  }
}

function announceUrl(options: Bep3TrackerOptions, request: AnnounceRequest, trackerId: Uint8Array | undefined): string {
  const { announceUrl, infoHash, peerId } = options
  const { left = 0, uploaded = 0, downloaded = 0, event, limit = NUMWANT, listeningPort } = request
  const fields = [
    `info_hash=${percentEncode(infoHash)}`,
    `peer_id=${percentEncode(peerId)}`,
    `port=${listeningPort}`,
    `uploaded=${uploaded}&downloaded=${downloaded}&left=${left}`,
    `compact=1&numwant=${limit}`,
    ...(event === undefined ? [] : [`event=${event}`]),
    ...(trackerId === undefined ? [] : [`trackerid=${percentEncode(trackerId)}`]),
  ]
  const [base = ""] = announceUrl.split("#")
  return `${base}${base.includes("?") ? "&" : "?"}${fields.join("&")}`
}

/** Every byte as %XX, which every tracker reads whatever it thinks of the rest. */
function percentEncode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").toUpperCase().replace(/../g, "%$&")
}

function readAnswer(answer: HttpAnswer<Uint8Array>): BencodeDictionary {
  const { status, retryAfterMs } = answer
  if (status === 429 || status === 503)
    throw new TrackerError("busy", `the tracker is busy (HTTP ${status})`, { status, retryAfterMs })
  const body = decode(answer.body)
  // Some trackers give their reason with a status of 400 or so, BEP 3 with 200.
  const reason = body?.["failure reason"]
  if (reason instanceof Uint8Array) {
    const said = displayText(new TextDecoder().decode(reason), MAX_SHOWN_CHARACTERS)
    const minutes = numberOf(body?.["retry in"])
    throw new TrackerError("refused", `the tracker refused: ${said}`, {
      status,
      retryAfterMs: minutes === undefined ? undefined : minutes * 60_000,
    })
  }
  if (status >= 400 && status < 500)
    throw new TrackerError("refused", `the tracker refused (HTTP ${status})`, { status })
  if (status !== 200)
    throw new TrackerError("bad_answer", `the tracker answered with HTTP ${status}, 200 is expected`, { status })
  if (body === undefined)
    throw new TrackerError("bad_answer", "the tracker's answer can't be understood: it is not a bencoded dictionary", {
      status,
    })
  return body
}

function decode(body: Uint8Array): BencodeDictionary | undefined {
  try {
    const value = decodeBencode(body, { maxDepth: 8, maxBytes: MAX_ANSWER_BYTES })
    return isBencodeDictionary(value) ? value : undefined
  } catch (error) {
    if (!(error instanceof P2pError)) throw error
    return undefined
  }
}

function answerOf(answer: BencodeDictionary, request: AnnounceRequest, trackerIsLocal: boolean): AnnounceAnswer {
  const shapes = [...peersOf(answer["peers"], COMPACT4_BYTES), ...peersOf(answer["peers6"], COMPACT6_BYTES)]
  return {
    peers: acceptPeers(shapes, {
      ownHosts: ownHosts(request.listeningHost),
      ownPort: request.listeningPort,
      trackerIsLocal,
    }),
    intervalSeconds: numberOf(answer["interval"]) ?? DEFAULT_INTERVAL_SECONDS,
  }
}

/** Compact peers of `bytes` each, or BEP 3's first form: a list of dictionaries. What is neither holds no peers. */
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

/** A number above zero. */
function numberOf(value: BencodeValue | undefined): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined
}
