import { randomBytes as systemRandomBytes } from "node:crypto"
import type { LookupAddress } from "node:dns"
import { parseHost } from "../address/host.js"
import { isThisMachine, ownHosts } from "../address/this-machine.js"
import { type Clock, systemClock } from "../base/clock.js"
import { errnoOf, TrackerError } from "../base/errors.js"
import { forbidden, reachableAddresses, resolveHost } from "./foreign-address.js"
import { acceptPeers } from "./peer-filter.js"
import { type Bep3TrackerOptions, NUMWANT, STANDARD_INTERVAL_SECONDS, unlessAborted } from "./standard-tracker.js"
import type { AnnounceAnswer, AnnounceRequest, TrackerClient } from "./tracker-client.js"
import { failureOf } from "./tracker-failure.js"
import { type OpenUdp, openUdp, type UdpLine } from "./udp-exchange.js"
import { encodeAnnounce, encodeConnect, readUdpAnswer, type UdpAnswer } from "./udp-messages.js"

export interface UdpTrackerOptions extends Bep3TrackerOptions {
  readonly clock?: Clock
  readonly open?: OpenUdp
  readonly randomBytes?: (byteCount: number) => Uint8Array
}

/**
 * BEP 15: what is not answered is repeated after 15·2^n s. Our choice: after 15 and 30 s, and given up 60 s later. A try begins with a new
 * connection id, so none is used for longer than the minute that BEP 15 gives it.
 */
const RETRY_BASE_MS = 15_000
const MAX_TRIES = 3

/** Ports below belong to other services, which a stranger's file must not have us ask on this machine or its network. */
const FIRST_ORDINARY_PORT = 1_024

/** A UDP tracker, for one document (BEP 15). Errors as for TrackerClient; there is no registration. */
export function createUdpTracker(options: UdpTrackerOptions): TrackerClient {
  const url = new URL(options.announceUrl)
  const { randomBytes = systemRandomBytes } = options
  const key = wordOf(randomBytes(4))
  return {
    url: `udp://${url.host}`,
    register: () =>
      Promise.reject(new TrackerError("refused", "documents can't be registered with a standard BitTorrent tracker")),
    announce(request, signal) {
      const { limit = (run) => run() } = options
      const ask = async () => {
        signal?.throwIfAborted()
        const addresses = await addressesOf(url, options, signal)
        return new Exchange({ url, addresses, key, request }, options).run(signal)
      }
      return unlessAborted(limit(ask), signal)
    },
  }
}

async function addressesOf(
  url: URL,
  { lookup }: UdpTrackerOptions,
  signal: AbortSignal | undefined,
): Promise<readonly LookupAddress[]> {
  const deadline = AbortSignal.timeout(RETRY_BASE_MS)
  const until = signal === undefined ? deadline : AbortSignal.any([deadline, signal])
  try {
    const found = await resolveHost(url, { timeoutMs: RETRY_BASE_MS, signal: until, ...(lookup && { lookup }) })
    const reachable = reachableAddresses(found)
    if (reachable.length === 0) throw forbidden(`udp://${url.host} is no address that a tracker can have`)
    if (reachable.some(({ reach }) => reach !== "public") && Number(url.port) < FIRST_ORDINARY_PORT)
      throw forbidden(
        `udp://${url.host} is on this machine or its network: it is asked only at ports from ${FIRST_ORDINARY_PORT}`,
      )
    // IPv4 first: a tracker's answer names peers of the family it was asked over.
    return reachable.toSorted((a, b) => a.family - b.family)
  } catch (error) {
    if (deadline.aborted && error === deadline.reason) throw timedOut(url, RETRY_BASE_MS)
    throw error
  }
}

interface Announce {
  readonly url: URL
  readonly addresses: readonly LookupAddress[]
  /** 32 bits, the same for a run. */
  readonly key: number
  readonly request: AnnounceRequest
}

/** One announce: a connection id, then the announce, each repeated while it is not answered. */
class Exchange {
  readonly #url: URL
  readonly #addresses: readonly LookupAddress[]
  readonly #key: number
  readonly #request: AnnounceRequest
  readonly #options: UdpTrackerOptions
  readonly #clock: Clock
  readonly #randomBytes: (byteCount: number) => Uint8Array
  #failure: Error | undefined

  constructor({ url, addresses, key, request }: Announce, options: UdpTrackerOptions) {
    this.#url = url
    this.#addresses = addresses
    this.#key = key
    this.#request = request
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#randomBytes = options.randomBytes ?? systemRandomBytes
  }

  /** One address after the other: an address that is silent has the first wait for itself, and one that refuses has none. */
  async run(signal: AbortSignal | undefined): Promise<AnnounceAnswer> {
    const left = [...this.#addresses]
    let waitedMs = 0
    for (let attempt = 0; attempt < MAX_TRIES && left.length > 0; attempt++) {
      const address = left[attempt % left.length] as LookupAddress
      const waitMs = RETRY_BASE_MS * 2 ** attempt
      const answer = await this.#ask(address, waitMs, signal)
      if (answer !== undefined) return answer
      if (this.#failure === undefined) waitedMs += waitMs
      else {
        // Nothing listens there: that is known at once.
        left.splice(left.indexOf(address), 1)
        attempt--
      }
    }
    if (this.#failure !== undefined && left.length === 0) throw this.#unreachable(this.#failure)
    throw timedOut(this.#url, waitedMs)
  }

  /** Undefined when nothing came in `waitMs`, or the system reports a failure. */
  #ask(address: LookupAddress, waitMs: number, signal: AbortSignal | undefined): Promise<AnnounceAnswer | undefined> {
    this.#failure = undefined
    return new Promise((resolve, reject) => {
      const family = address.family === 6 ? 6 : 4
      let pending: { readonly type: "connect" | "announce"; readonly transactionId: number } | undefined
      const open = this.#options.open ?? openUdp
      const end = (act: () => void) => {
        if (pending === undefined) return
        pending = undefined
        stop()
        line.close()
        signal?.removeEventListener("abort", giveUp)
        act()
      }
      const giveUp = () => end(() => reject(signal?.reason))
      const stop = this.#clock.after(waitMs, () => end(() => resolve(undefined)))
      const begin = (type: "connect" | "announce", encode: (transactionId: number) => Uint8Array) => {
        pending = { type, transactionId: wordOf(this.#randomBytes(4)) }
        line.send(encode(pending.transactionId))
      }
      const line: UdpLine = open(address, Number(this.#url.port), {
        onDatagram: (bytes) => {
          const answer = pending && readUdpAnswer(bytes, { ...pending, family })
          // Of another transaction, or forged: the right one may yet come.
          if (answer === undefined) return
          if (answer.type === "error") return end(() => reject(refusal(answer)))
          if (answer.type === "announce") return end(() => resolve(this.#accepted(answer, address)))
          begin("announce", (transactionId) => this.#encodeAnnounce(answer.connectionId, transactionId, family))
        },
        onError: (error) =>
          end(() => {
            this.#failure = error
            if (errnoOf(error) === undefined) return reject(error)
            resolve(undefined)
          }),
      })
      signal?.addEventListener("abort", giveUp, { once: true })
      begin("connect", encodeConnect)
    })
  }

  #encodeAnnounce(connectionId: Uint8Array, transactionId: number, family: 4 | 6): Uint8Array {
    const { infoHash, peerId, announcedHost } = this.#options
    const { left = 0, uploaded = 0, downloaded = 0, event, limit = NUMWANT, listeningPort: port } = this.#request
    const ip = announcedHost === undefined || family === 6 ? undefined : ipv4Bytes(announcedHost)
    const urlData =
      this.#url.pathname === "/" || this.#url.pathname === ""
        ? this.#url.search
        : `${this.#url.pathname}${this.#url.search}`
    const numbers = { left, uploaded, downloaded, event, limit, port, key: this.#key }
    return encodeAnnounce({ connectionId, transactionId, infoHash, peerId, ip, urlData, ...numbers })
  }

  #accepted(
    { peers, intervalSeconds }: Extract<UdpAnswer, { type: "announce" }>,
    { address }: LookupAddress,
  ): AnnounceAnswer {
    const { listeningHost, listeningPort } = this.#request
    const seconds = intervalSeconds > 0 ? intervalSeconds : STANDARD_INTERVAL_SECONDS
    return {
      peers: acceptPeers(peers, {
        ownHosts: ownHosts(listeningHost),
        ownPort: listeningPort,
        trackerIsLocal: isThisMachine(address),
      }),
      intervalSeconds: seconds,
      minIntervalSeconds: seconds,
    }
  }

  #unreachable(error: Error): TrackerError {
    return failureOf(error, this.#url.href, RETRY_BASE_MS)
  }
}

function refusal({ message }: Extract<UdpAnswer, { type: "error" }>): TrackerError {
  return new TrackerError("refused", `the tracker refused: ${message}`)
}

function timedOut(url: URL, waitedMs: number): TrackerError {
  return new TrackerError("timeout", `the tracker at udp://${url.host} did not answer within ${waitedMs / 1_000} s`)
}

function ipv4Bytes(host: string): Uint8Array | undefined {
  const parsed = parseHost(host)
  if (parsed === undefined || parsed.host.includes(":")) return undefined
  return Uint8Array.from(parsed.host.split(".").map(Number))
}

function wordOf(bytes: Uint8Array): number {
  return Buffer.from(bytes).readUInt32BE(0)
}
