import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ClientRig } from "../testing/client-rig.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})
afterEach(() => rig.close())

describe("the status of a document that its tracker has forgotten", () => {
  it("begins with this client, which announces the document first", async () => {
    const { client, id } = await rig.seeder("a", 1)
    const machine = { address: `127.0.0.1:${client.listening.port}`, state: "complete" }
    await expect.poll(async () => (await client.status(id)).machines).toMatchObject([machine])
    rig.tracker.forgetAll()
    expect(await client.status(id)).toMatchObject({ total: 1, complete: 1, machines: [machine] })
  })

  it("says what happened where this client does not announce it", async () => {
    const { client, id } = await rig.seeder("a", 1)
    await client.pause(id)
    rig.tracker.forgetAll()
    await expect(client.status(id)).rejects.toMatchObject({
      code: "unknown_hash",
      message: expect.stringMatching(/replaced, or its data is lost; this client does not announce disc.iso now$/),
    })
  })
})
