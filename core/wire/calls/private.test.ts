import { constants, createPrivateKey } from "node:crypto"
import { once } from "node:events"
import type { Socket } from "node:net"
import { type ConnectionOptions, createServer, type TLSSocket, connect as tlsConnect } from "node:tls"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import {
  DIALLER_ID,
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
import { DialError } from "./dial-error.js"
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

async function failureOf(dialling: Promise<unknown>): Promise<string> {
  const error = await dialling.then(
    () => expect.unreachable("a connection came about"),
    (reason: unknown) => reason,
  )
  if (!(error instanceof DialError)) throw error
  return error.code
}

/** A listener with one open and one private document, as most clients have. */
function listenForBoth(): Promise<PeerListener> {
  const open = { infoHash: OTHER_HASH, partCount: 7 }
  return rig.listen({
    lookup: (infoHash) => (Buffer.compare(infoHash, open.infoHash) === 0 ? open : undefined),
  })
}

/** A TLS client of our own making on a bare socket; resolves when TLS is there. */
async function tlsTo(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = await rig.plainSocket(port)
  const secure = tlsConnect({ ...TLS_OPTIONS, socket, pskCallback: () => pskOf(), ...options })
  await once(secure, "secureConnect")
  return secure
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

  it("opens no way to another document: what is named inside has to be the one whose key it was [hostile 36]", async () => {
    const { port } = await listenForBoth()
    expect(await failureOf(rig.dial(port, { infoHash: OTHER_HASH }))).toBe("hung_up")
    await rig.refused()
    expect(rig.refusals).toEqual(["unknown_document"])
  })

  it("is refused to who has the wrong key [hostile 36]", async () => {
    const { port } = await rig.listen()
    expect(await failureOf(rig.dial(port, { preSharedKey: { ...PRE_SHARED_KEY, key: OTHER_KEY.key } }))).toBe(
      "wrong_key",
    )
    await rig.refused()
    expect(rig.refusals).toEqual(["wrong_key"])
  })

  it("is refused to who names an identity that nobody here knows", async () => {
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

  it("insists on it also toward callers who would do without", async () => {
    const { port } = await rig.listen()
    const secure = await tlsTo(port, { secureOptions: constants.SSL_OP_ALLOW_NO_DHE_KEX })
    expect(secure.getEphemeralKeyInfo()).toEqual({ type: "ECDH", name: "X25519", size: 253 })
  })

  it.each(["P-256", "P-384", "P-521", "ffdhe2048", "ffdhe8192"])(
    "takes no other group than X25519: not %s [S14]",
    async (group) => {
      const { port } = await rig.listen()
      await expect(tlsTo(port, { ecdhCurve: group })).rejects.toMatchObject({ code: expect.stringContaining("ALERT") })
      expect((await tlsTo(port, { ecdhCurve: `${group}:X25519` })).getEphemeralKeyInfo()).toMatchObject({
        name: "X25519",
      })
    },
  )

  it("is 1.3 and no less [hostile 36]", async () => {
    const { port } = await rig.listen()
    const old: ConnectionOptions = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers: "PSK" }
    await expect(tlsTo(port, old)).rejects.toMatchObject({ code: expect.stringContaining("PROTOCOL_VERSION") })
    await rig.refused()
    expect(rig.refusals).toEqual(["not_bittorrent"])
  })

  it.each(["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"])("speaks %s [hostile tls]", async (ciphers) => {
    const { port } = await rig.listen()
    const secure = await tlsTo(port, { ciphers })
    expect(secure.getCipher().name).toBe(ciphers)
  })

  it("gives nobody a session to come back with: a key that was taken away opens nothing [hostile tls]", async () => {
    let known = true
    const ours = { key: PRE_SHARED_KEY.key, infoHash: INFO_HASH, partCount: PART_COUNT }
    const { port } = await rig.listen({ lookupPrivate: () => (known ? ours : undefined) })
    const first = await tlsTo(port)
    const sessions: Buffer[] = []
    first.on("session", (session) => sessions.push(session))
    first.resume().write(greeting)
    await once(first, "data")
    known = false
    expect(sessions.length).toBeGreaterThan(0)
    for (const session of sessions)
      for (const pskCallback of [undefined, () => pskOf()])
        await expect(tlsTo(port, { session, pskCallback })).rejects.toMatchObject({
          code: expect.stringContaining("ALERT"),
        })
  })
})

describe("what a caller may do to the TLS of the listener", () => {
  it("one plain line sent to the port ends nothing but its own connection [hostile tls]", async () => {
    const { port } = await rig.listen()
    for (const line of [
      "GET / HTTP/1.1\r\n\r\n",
      "\x16GET / HTTP/1.1\r\n\r\n",
      "\x16\x03\x01\xff\xff\x01",
      "\x16\x03",
    ]) {
      const socket = await rig.plainSocket(port)
      const closed = once(socket.resume(), "close")
      socket.end(line, "latin1")
      await closed
    }
    await rig.refused(4)
    expect(rig.refusals).toEqual(["not_bittorrent", "not_bittorrent", "not_bittorrent", "hung_up"])
    expect((await rig.dial(port)).encrypted).toBe(true)
  })

  it.each([
    ["in its hello", async (port: number) => beginHello(port)],
    ["inside TLS", async (port: number) => (await tlsTo(port)).resume()],
    ["in its handshake inside TLS", async (port: number) => withPart(await tlsTo(port))],
  ])(
    "silent %s: its socket is destroyed 10 s after it came, whatever came since [hostile 19, tls]",
    async (_, begin) => {
      const { port } = await rig.listen()
      // Another one has come first, so the listener has begun with this one when that one is settled.
      const socket = await begin(port)
      await rig.rawPeer(port)
      rig.pass(9_999)
      expect(rig.refusals).toEqual([])
      const closed = once(socket, "close")
      rig.pass(1)
      expect(rig.refusals).toEqual(["timed_out"])
      await closed
    },
  )

  it("a dialled peer that never answers the hello is given up after 10 s [hostile tls]", async () => {
    const port = await rig.servePlain((peer) => peer.once("data", () => rig.pass(10_000)))
    expect(await failureOf(rig.dial(port))).toBe("timed_out")
  })

  it("gone in the middle of its TLS handshake, in order or not [hostile 31]", async () => {
    const { port } = await rig.listen()
    for (const leave of ["end", "resetAndDestroy"] as const) {
      const socket = await beginHello(port)
      await rig.rawPeer(port)
      socket[leave]()
    }
    await rig.refused(2)
    expect(rig.refusals).toEqual(["hung_up", "hung_up"])
  })

  it("a lookup that throws turns the caller away and is told, the listener lives [hostile tls]", async () => {
    const problems: string[] = []
    let failing = true
    const ours = { key: PRE_SHARED_KEY.key, infoHash: INFO_HASH, partCount: PART_COUNT }
    const { port } = await rig.listen({
      lookupPrivate: () => {
        if (failing) throw new Error("a bug of ours")
        return ours
      },
      onProblem: (error) => problems.push(error.message),
    })
    expect(await failureOf(rig.dial(port))).toBe("wrong_key")
    await rig.refused()
    expect(rig.refusals).toEqual(["unknown_document"])
    expect(problems).toEqual(["a bug of ours"])
    failing = false
    expect((await rig.dial(port)).encrypted).toBe(true)
  })

  it("counts in its address's budget until it is settled [hostile 33]", async () => {
    const { port } = await rig.listen({ limits: { maxPendingPerHost: 2 } })
    const waiting = [await beginHello(port), await tlsTo(port)]
    await rig.plainSocket(port)
    await rig.refused()
    expect(rig.refusals).toEqual(["too_many"])
    const closed = Promise.all(waiting.map((socket) => once(socket.resume(), "close")))
    rig.pass(10_000)
    await closed
    expect((await rig.dial(port)).encrypted).toBe(true)
  })

  it("is over when the listener closes", async () => {
    const listener = await rig.listen()
    const sockets = [await beginHello(listener.port), await tlsTo(listener.port)]
    await rig.rawPeer(listener.port)
    const closed = Promise.all(sockets.map((socket) => once(socket.resume(), "close")))
    listener.close()
    await closed
    expect(rig.refusals).toEqual(["listener_closed", "listener_closed"])
  })
})

/** A caller that has sent the beginning of a TLS record. */
async function beginHello(port: number): Promise<Socket> {
  const socket = await rig.plainSocket(port)
  socket.resume().write(Uint8Array.of(0x16, 3, 1))
  return socket
}

/** A caller that has sent the beginning of its handshake. */
function withPart(socket: Socket): Socket {
  socket.resume().write(greeting.subarray(0, 30))
  return socket
}

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
