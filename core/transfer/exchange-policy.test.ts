import { describe, expect, it } from "vitest"
import type { Torrent } from "../torrent/torrent-file.js"
import { acceptExchanged, exchangePartners, extensionsFor } from "./exchange-policy.js"

const OURS = Buffer.from("-PT0100-abcdefghijkl")
const FOREIGN = Buffer.from("-TR3000-abcdefghijkl")
const SELF = { listeningHost: "10.0.0.5", listeningPort: 7001 }

function torrent(isPrivate?: boolean): Torrent {
  const base = {
    hash: "",
    sizeBytes: 0,
    partSizeBytes: 1,
    partDigests: new Uint8Array(),
    name: undefined,
    secret: undefined,
  }
  if (isPrivate === undefined) return base
  return { ...base, standard: { infoHash: new Uint8Array(20), infoBytes: 1, announceTiers: [], isPrivate } }
}

describe("the partners of peer exchange", () => {
  it.each([
    ["a torrent file of ours: our own kind", undefined, true, false],
    ["a foreign public torrent: anybody", false, true, true],
    ["a foreign private torrent: no peer", true, false, false],
  ])("%s", (_, isPrivate, ours, foreign) => {
    const partners = exchangePartners(torrent(isPrivate))
    const host = { exchangePartners: partners }
    expect(extensionsFor(host, OURS).extensionIds.has("ut_pex")).toBe(ours)
    expect(extensionsFor(host, FOREIGN).extensionIds.has("ut_pex")).toBe(foreign)
  })
})

describe("addresses from a peer", () => {
  const received = [
    { host: "10.0.0.9", port: 8000 },
    { host: "10.0.0.9", port: 8000 },
    { host: "10.0.0.9", port: 80 },
    { host: "10.0.0.5", port: 7001 },
    { host: "127.0.0.1", port: 2222 },
    { host: "169.254.169.254", port: 8000 },
    { host: "224.0.0.1", port: 8000 },
    { host: "0.0.0.0", port: 8000 },
    { host: "10.0.0.9", port: 0 },
    { host: "2a02::1", port: 8000 },
  ]

  it("pass the filter that a tracker's pass: no self, repeats, port 0, multicast, link-local, loopback [hostile 38]", () => {
    const accepted = acceptExchanged(received, { host: "10.0.0.7", port: 1 }, SELF)
    expect(accepted).toEqual(["10.0.0.9:8000", "[2a02::1]:8000"])
  })

  it("may be on loopback when the peer itself is on this machine", () => {
    expect(acceptExchanged(received, { host: "127.0.0.1", port: 1 }, SELF)).toContain("127.0.0.1:2222")
  })

  it("are not those of our own site when the peer is far away, nor ports that need root [S8]", () => {
    expect(acceptExchanged(received, { host: "8.8.8.8", port: 1 }, SELF)).toEqual(["[2a02::1]:8000"])
    expect(acceptExchanged([{ host: "8.8.4.4", port: 443 }], { host: "8.8.8.8", port: 1 }, SELF)).toEqual([])
  })
})
