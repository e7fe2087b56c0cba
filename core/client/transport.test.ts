import { connect } from "node:net"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { systemClock } from "../base/clock.js"
import { ClientRig, sha1Hex } from "../testing/client-rig.js"
import { seededRandom } from "../testing/seeded-random.js"
import { SimulatedNetwork } from "../testing/simulated-network.js"

let rig: ClientRig
let network: SimulatedNetwork

beforeEach(async () => {
  rig = await ClientRig.create()
  network = new SimulatedNetwork(systemClock, seededRandom(1), 1)
})

afterEach(() => rig.close())

/** The tracker is a real one on this machine, so it may name addresses of this machine only. */
function open(name: string, port: number) {
  const host = "127.0.0.1"
  return rig.open(name, { listen: { host, port } }, { transport: network.machine(host) })
}

describe("clients on another transport than TCP", () => {
  it.each([true, false])("move a document (open: %s), and listen on nothing of this machine", async (isOpen) => {
    const content = await rig.sample("a", "disc.iso", 3_000_000)
    const seeder = await open("a", 7_001)
    const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json", open: isOpen })
    const leecher = await open("b", 7_002)
    const { done } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
    const raw = connect(seeder.listening)
    const error = await new Promise((resolve) => raw.once("error", resolve))
    expect(error).toMatchObject({ code: "ECONNREFUSED" })
  })
})
