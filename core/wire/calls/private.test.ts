import { constants, createPrivateKey } from "node:crypto"
import { once } from "node:events"
import { type ConnectionOptions, createServer } from "node:tls"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import {
  DIALLER_ID,
  failureOf,
  INFO_HASH,
  LISTENER_ID,
  PART_COUNT,
  PeerRig,
  PRE_SHARED_KEY,
  pskOf,
} from "../../testing/peer-rig.js"
import { extensionsOf, identityIn } from "../../testing/tls-hello.js"
import { encodeHandshake } from "../codec/handshake.js"
import { TLS_OPTIONS } from "../connection/tls-options.js"
import type { PeerListener } from "./listener.js"

let rig: PeerRig

beforeEach(() => {
  rig = new PeerRig("private")
})

afterEach(() => {
  vi.unstubAllEnvs()
  rig.close()
  expect(rig.pulse.watchCount).toBe(0)
})

const OTHER_HASH = new Uint8Array(20).fill(0x33)

const OTHER_KEY = { key: new Uint8Array(32).fill(0x44), identityKey: new Uint8Array(16).fill(0x45) }

const greeting = encodeHandshake({
  infoHash: INFO_HASH,
  peerId: DIALLER_ID,
  supportsFast: true,
  supportsExtensions: true,
})

/** A listener with one open and one private document, as most clients have. */
function listenForBoth(): Promise<PeerListener> {
  const open = { infoHash: OTHER_HASH, partCount: 7 }
  return rig.listen({
    lookup: (infoHash) => (Buffer.compare(infoHash, open.infoHash) === 0 ? open : undefined),
  })
}

describe("a private document", () => {
  it("is served on the same port as an open one, each in its own way", async () => {
    const { port } = await listenForBoth()
    const secret = await rig.dial(port)
    expect((await rig.accepted()).encrypted).toBe(true)
    const open = await rig.dial(port, { infoHash: OTHER_HASH, partCount: 7, preSharedKey: undefined })
    expect((await rig.accepted()).encrypted).toBe(false)
    expect([secret.encrypted, open.encrypted]).toEqual([true, false])
  })

  it("is not found in plain [hostile 36]", async () => {
    const { port } = await listenForBoth()
    expect(await failureOf(rig.dial(port, { preSharedKey: undefined }))).toBe("hung_up")
    await rig.refused()
    expect(rig.refusals).toEqual(["unknown_document"])
  })

  it("gives no access to another document: the handshake inside has to name the document of the key [hostile 36]", async () => {
    const { port } = await listenForBoth()
    expect(await failureOf(rig.dial(port, { infoHash: OTHER_HASH }))).toBe("hung_up")
    await rig.refused()
    expect(rig.refusals).toEqual(["unknown_document"])
  })

  it("is refused to a caller with the wrong key [hostile 36]", async () => {
    const { port } = await rig.listen()
    expect(await failureOf(rig.dial(port, { preSharedKey: { ...PRE_SHARED_KEY, key: OTHER_KEY.key } }))).toBe(
      "wrong_key",
    )
    await rig.refused()
    expect(rig.refusals).toEqual(["wrong_key"])
  })

  it("is refused to a caller with an unknown identity", async () => {
    const { port } = await rig.listen()
    expect(await failureOf(rig.dial(port, { preSharedKey: OTHER_KEY }))).toBe("wrong_key")
    await rig.refused()
    expect(rig.refusals).toEqual(["unknown_document"])
  })

  it("is never spoken of to a peer that only speaks plain BitTorrent [hostile 36]", async () => {
    const heard: Buffer[] = []
    const port = await rig.servePlain((peer) => {
      peer.on("data", (bytes: Buffer) => heard.push(bytes))
      peer.once("data", () => peer.write(greeting))
    })
    expect(await failureOf(rig.dial(port))).toBe("wrong_key")
    const said = Buffer.concat(heard)
    expect(said[0]).toBe(0x16)
    for (const unsaid of [INFO_HASH, DIALLER_ID, PRE_SHARED_KEY.key, PRE_SHARED_KEY.identityKey])
      expect(said.includes(Buffer.from(unsaid))).toBe(false)
    expect(identityIn(said)).toMatch(/^[0-9a-f]{48}$/)
  })

  it.each(["1", "0"])(
    "is not fetched from a peer that shows a certificate instead of having the key (NODE_TLS_REJECT_UNAUTHORIZED=%s)",
    async (reject) => {
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", reject)
      const impostor = createServer({ ...TLS_OPTIONS, ...CERTIFIED }, (socket) => socket.write(greeting))
      await once(impostor.listen(0, "127.0.0.1"), "listening")
      const bound = impostor.address()
      const port = typeof bound === "object" && bound !== null ? bound.port : 0
      expect(await failureOf(rig.dial(port))).toBe("wrong_key")
      impostor.close()
    },
  )

  it("is not fetched from a peer that answers for another one inside TLS", async () => {
    const port = await rig.serve((peer) =>
      peer.write(
        encodeHandshake({
          infoHash: OTHER_HASH,
          peerId: LISTENER_ID,
          supportsFast: true,
          supportsExtensions: true,
        }),
      ),
    )
    expect(await failureOf(rig.dial(port))).toBe("wrong_info_hash")
  })

  it("notices that this client called itself", async () => {
    const { port } = await rig.listen({ peerId: DIALLER_ID })
    expect(await failureOf(rig.dial(port))).toBe("self")
    await rig.refused()
    expect(rig.refusals).toEqual(["self"])
  })
})

describe("the TLS of private documents", () => {
  it("asks for a fresh Diffie-Hellman exchange and nothing less (forward secrecy)", async () => {
    const heard: Buffer[] = []
    const port = await rig.servePlain((peer) => {
      peer.once("data", (bytes: Buffer) => {
        heard.push(bytes)
        peer.destroy()
      })
    })
    expect(await failureOf(rig.dial(port))).toBe("hung_up")
    const extensions = extensionsOf(Buffer.concat(heard))
    // RFC 8446, 4.2.9: a list of one byte length, psk_ke is 0, psk_dhe_ke 1.
    expect([...(extensions.get(45) ?? [])]).toEqual([1, 1])
    expect(extensions.has(51)).toBe(true) // key_share
    expect(extensions.has(41)).toBe(true) // pre_shared_key
    expect(extensions.has(0)).toBe(false) // server_name
  })

  it("requires it also of callers that offer less", async () => {
    const { port } = await rig.listen()
    const secure = await rig.tlsTo(port, { secureOptions: constants.SSL_OP_ALLOW_NO_DHE_KEX })
    expect(secure.getEphemeralKeyInfo()).toEqual({ type: "ECDH", name: "X25519", size: 253 })
  })

  it.each(["P-256", "P-384", "P-521", "ffdhe2048", "ffdhe8192"])(
    "takes no other group than X25519: not %s [S14]",
    async (group) => {
      const { port } = await rig.listen()
      await expect(rig.tlsTo(port, { ecdhCurve: group })).rejects.toMatchObject({
        code: expect.stringContaining("ALERT"),
      })
      expect((await rig.tlsTo(port, { ecdhCurve: `${group}:X25519` })).getEphemeralKeyInfo()).toMatchObject({
        name: "X25519",
      })
    },
  )

  it("is 1.3 and no less [hostile 36]", async () => {
    const { port } = await rig.listen()
    const old: ConnectionOptions = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers: "PSK" }
    await expect(rig.tlsTo(port, old)).rejects.toMatchObject({ code: expect.stringContaining("PROTOCOL_VERSION") })
    await rig.refused()
    expect(rig.refusals).toEqual(["not_bittorrent"])
  })

  it.each(["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"])("speaks %s [hostile tls]", async (ciphers) => {
    const { port } = await rig.listen()
    const secure = await rig.tlsTo(port, { ciphers })
    expect(secure.getCipher().name).toBe(ciphers)
  })

  it("issues no session tickets: a removed key gives no access [hostile tls]", async () => {
    let known = true
    const ours = { key: PRE_SHARED_KEY.key, infoHash: INFO_HASH, partCount: PART_COUNT }
    const { port } = await rig.listen({ lookupPrivate: () => (known ? ours : undefined) })
    const first = await rig.tlsTo(port)
    const sessions: Buffer[] = []
    first.on("session", (session) => sessions.push(session))
    first.resume().write(greeting)
    await once(first, "data")
    known = false
    expect(sessions.length).toBeGreaterThan(0)
    for (const session of sessions)
      for (const pskCallback of [undefined, () => pskOf()])
        await expect(rig.tlsTo(port, { session, pskCallback })).rejects.toMatchObject({
          code: expect.stringContaining("ALERT"),
        })
  })
})

/** A certificate for 127.0.0.1 that signs itself, and its key, which is good for nothing else. */
const CERTIFIED = {
  key: createPrivateKey({
    key: Buffer.from(
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgF+G92KNPGJCx4Jls6eBIDyItyV3B8D0IMfSiDgfam3ChRANCAAQanQ2+Wb2ts09AoK9HzgaAyQKepMPTlbI5ZikE/YZ/ZslOnCKfYgL2xQMVbXqWpeZLOlTZjt/+TpGGfU7eYKfr",
      "base64",
    ),
    format: "der",
    type: "pkcs8",
  }).export({ format: "pem", type: "pkcs8" }),
  cert: `-----BEGIN CERTIFICATE-----
MIIBlzCCATygAwIBAgIUcq40bqTa92aTQOSu8hV0kNm0sKQwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMcGVlci5pbnZhbGlkMCAXDTI2MTEyMjE5MzEyNloYDzIxMjYx
MDI5MTkzMTI2WjAXMRUwEwYDVQQDDAxwZWVyLmludmFsaWQwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQanQ2+Wb2ts09AoK9HzgaAyQKepMPTlbI5ZikE/YZ/ZslO
nCKfYgL2xQMVbXqWpeZLOlTZjt/+TpGGfU7eYKfro2QwYjAdBgNVHQ4EFgQUerb3
OX4L8EbV/c1MJ40ZVIAwa3swHwYDVR0jBBgwFoAUerb3OX4L8EbV/c1MJ40ZVIAw
a3swDwYDVR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMC
A0kAMEYCIQCMkTpuRbCYyBLaPzIPrQSoOtoB+huBFMHmKtjv+XvU3wIhAIWl6Gfd
NBZiW4QkE1Ci6yBEbe/KMUaOiNR3VPcnvWRd
-----END CERTIFICATE-----
`,
}
