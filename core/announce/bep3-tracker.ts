import { isThisMachine, ownHosts } from "../address/this-machine.js"
import { TrackerError } from "../base/errors.js"
import { readBep3Answer } from "./bep3-answer.js"
import { getForeign } from "./foreign-get.js"
import { acceptPeers } from "./peer-filter.js"
import { type Bep3TrackerOptions, NUMWANT, STANDARD_INTERVAL_SECONDS, unlessAborted } from "./standard-tracker.js"
import { type AnnounceRequest, DEFAULT_TIMEOUT_MS, MAX_ANSWER_BYTES, type TrackerClient } from "./tracker-client.js"
import { createUdpTracker } from "./udp-tracker.js"

/** A standard tracker of a document, over HTTP or UDP as its URL says. */
export function createBep3Tracker(options: Bep3TrackerOptions): TrackerClient {
  return new URL(options.announceUrl).protocol === "udp:" ? createUdpTracker(options) : createHttpTracker(options)
}

/**
 * A standard HTTP tracker, for one document (BEP 3, compact answers of BEP 23 and 7, `retry in` of BEP 31). Errors as for TrackerClient;
 * a "failure reason" of the tracker becomes "refused". There is no registration.
 */
function createHttpTracker(options: Bep3TrackerOptions): TrackerClient {
  /** BEP 3's `tracker id`: to be sent back once it was given. */
  let trackerId: Uint8Array | undefined
  return {
    url: new URL(options.announceUrl).origin,
    register: () =>
      Promise.reject(new TrackerError("refused", "documents can't be registered with a standard BitTorrent tracker")),
    async announce(request, signal) {
      const { limit = (run) => run(), lookup } = options
      const ask = () => {
        // Given up while it waited for its turn.
        signal?.throwIfAborted()
        return getForeign({
          url: announceUrl(options, request, trackerId),
          headers: { "user-agent": options.userAgent ?? "p2p-tui" },
          timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
          maxBodyBytes: MAX_ANSWER_BYTES,
          signal,
          ...(lookup === undefined ? {} : { lookup }),
        })
      }
      const answer = await unlessAborted(limit(ask), signal)
      const { peers, warnings, ...read } = readBep3Answer(answer)
      trackerId = read.trackerId ?? trackerId
      const intervalSeconds = read.intervalSeconds ?? STANDARD_INTERVAL_SECONDS
      return {
        peers: acceptPeers(peers, {
          ownHosts: ownHosts(request.listeningHost),
          ownPort: request.listeningPort,
          trackerIsLocal: answer.remoteHost !== undefined && isThisMachine(answer.remoteHost),
        }),
        intervalSeconds,
        minIntervalSeconds: read.minIntervalSeconds ?? intervalSeconds,
        ...(warnings.length === 0 ? {} : { warnings }),
      }
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
    ...(options.announcedHost === undefined ? [] : [`ip=${encodeURIComponent(options.announcedHost)}`]),
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
