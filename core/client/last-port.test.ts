import { createServer, type Server } from "node:net"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ClientRig } from "../testing/client-rig.js"

let rig: ClientRig
const others: Server[] = []

beforeEach(async () => {
  rig = await ClientRig.create()
})
afterEach(async () => {
  for (const other of others.splice(0)) await new Promise((resolve) => other.close(resolve))
  await rig.close()
})

/** The port of a client that is opened on the folder of the last one, which has left. */
async function portOfNext(): Promise<number> {
  const client = await rig.open("a")
  const { port } = client.listening
  rig.forget(client)
  await client.close()
  return port
}

describe("a client whose config leaves the port open", () => {
  it("listens on the port of its last run, so that others find it again and it stays one machine", async () => {
    const first = await portOfNext()
    expect(await portOfNext()).toBe(first)
    expect(await portOfNext()).toBe(first)
  })

  it("takes another one where that is in use, and keeps to it", async () => {
    const first = await portOfNext()
    const other = createServer()
    others.push(other)
    await new Promise<void>((resolve) => other.listen(first, "127.0.0.1", resolve))
    const second = await portOfNext()
    expect(second).not.toBe(first)
    expect(await portOfNext()).toBe(second)
  })
})
