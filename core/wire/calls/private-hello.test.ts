import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { PeerRig, PRE_SHARED_KEY } from "../../testing/peer-rig.js"
import { identityIn, withIdentities } from "../../testing/tls-hello.js"
import type { PreSharedKey } from "../../torrent/pre-shared-key.js"
import { DialError } from "./dial-error.js"

let rig: PeerRig

beforeEach(() => {
  rig = new PeerRig("private")
})

afterEach(() => {
  rig.close()
})

const OTHER_KEY = { key: new Uint8Array(32).fill(0x44), identityKey: new Uint8Array(16).fill(0x45) }

describe("the first bytes of a private connection", () => {
  it("answers an unknown identity, a wrong key and a recorded hello with the same bytes [S9]", async () => {
    const { port } = await rig.listen()
    const recorded = await helloOf(PRE_SHARED_KEY)
    expect((await answerTo(port, recorded)).length).toBeGreaterThan(100)
    const refused = [
      recorded,
      await helloOf(OTHER_KEY),
      await helloOf({ ...PRE_SHARED_KEY, key: OTHER_KEY.key }),
      await helloOf({ ...OTHER_KEY, key: PRE_SHARED_KEY.key }),
    ]
    const answers = await Promise.all(refused.map((hello) => answerTo(port, hello)))
    const [alert] = answers
    expect(alert).toHaveLength(7)
    expect(answers).toEqual(answers.map(() => alert))
  })

  it("names another identity in every connection [S9]", async () => {
    const hellos = await Promise.all([1, 2, 3].map(() => helloOf(PRE_SHARED_KEY)))
    const said = hellos.map(identityIn)
    for (const [at, identity] of said.entries())
      for (const other of said.slice(at + 1)) expect(commonStart(identity, other)).toBeLessThan(12)
  })

  it("looks at the first identity of a hello alone [S7]", async () => {
    const asked: string[] = []
    const { port } = await rig.listen({
      lookupPrivate: (identity) => {
        asked.push(identity)
        return undefined
      },
    })
    await answerTo(port, withIdentities(await helloOf(PRE_SHARED_KEY), 2_000))
    expect(asked).toEqual(["x"])
  })
})

/** The hello that a client with this key begins with, as its bytes. */
async function helloOf(preSharedKey: PreSharedKey): Promise<Buffer> {
  const heard: Buffer[] = []
  const port = await rig.servePlain((peer) => {
    peer.once("data", (bytes: Buffer) => {
      heard.push(bytes)
      peer.destroy()
    })
  })
  await expect(rig.dial(port, { preSharedKey })).rejects.toThrow(DialError)
  return Buffer.concat(heard)
}

/** All that the listener says to a caller that says this and no more, until it hangs up or has answered with a hello of its own. */
async function answerTo(port: number, said: Buffer): Promise<Buffer> {
  const heard: Buffer[] = []
  const socket = await rig.plainSocket(port)
  const over = new Promise<void>((resolve) => {
    socket.once("close", () => resolve())
    socket.on("data", (bytes: Buffer) => {
      heard.push(bytes)
      if (Buffer.concat(heard).length > 7) resolve()
    })
  })
  socket.write(said)
  await over
  socket.destroy()
  return Buffer.concat(heard)
}

function commonStart(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return length
}
