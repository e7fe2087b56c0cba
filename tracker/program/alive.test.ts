import { randomUUID } from "node:crypto"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { MemoryStore } from "../stores/memory-store.js"
import { startTracker } from "./server.js"

let tracker: Awaited<ReturnType<typeof startTracker>>

beforeEach(async () => {
  tracker = await startTracker({ host: "127.0.0.1", port: 0 })
})

afterEach(() => tracker.close())

async function post(path: string, body: unknown): Promise<{ status: number; answer: Record<string, unknown> }> {
  const response = await fetch(`${tracker.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> }
}

const at = (port: number) => ({ listening_host: "127.0.0.1", listening_port: port })

describe("POST /alive", () => {
  it("notes a seeder of many documents, and says which are unknown and which are wanted", async () => {
    const known = String((await post("/hash", at(300))).answer["hash"])
    const wanted = String((await post("/hash", at(300))).answer["hash"])
    await post("/peers", { hash: wanted, ...at(400), left: 10 })
    const lost = randomUUID()
    const { status, answer } = await post("/alive", { hashes: [known, wanted, lost], ...at(500) })
    expect(status).toBe(200)
    expect(answer).toMatchObject({ unknown: [lost], wanted: [wanted] })
    const { answer: peers } = await post("/peers", { hash: known, ...at(600) })
    expect(peers["peers"]).toContainEqual(at(500))
  })

  it("removes a peer that stops from all those lists", async () => {
    const hash = String((await post("/hash", at(300))).answer["hash"])
    await post("/alive", { hashes: [hash], ...at(500) })
    await post("/alive", { hashes: [hash], ...at(500), event: "stopped" })
    expect((await post("/peers", { hash, ...at(600) })).answer["peers"]).toEqual([at(300)])
  })

  it("registers unknown documents for a seeder that asks for it [hostile 39]", async () => {
    const known = String((await post("/hash", at(300))).answer["hash"])
    const lost = [randomUUID(), randomUUID()]
    const { answer } = await post("/alive", { hashes: [known, ...lost], ...at(500), register: true })
    expect(answer).toMatchObject({ unknown: [], registered: lost, wanted: [], most: 1_000 })
    const { answer: peers } = await post("/peers", { hash: lost[1], ...at(600) })
    expect(peers["peers"]).toEqual([at(500)])
    expect((await post("/status", { hash: lost[0] })).answer).toMatchObject({ complete: 1, downloading: 0 })
  })

  it("registers none for a peer that stops", async () => {
    const lost = randomUUID()
    const { answer } = await post("/alive", { hashes: [lost], ...at(500), register: true, event: "stopped" })
    expect(answer).toMatchObject({ unknown: [lost], registered: [] })
  })

  it("registers no more documents than an address may, and answers the others as unknown", async () => {
    await tracker.close()
    tracker = await startTracker({ host: "127.0.0.1", port: 0, documentBudget: { burst: 2, perSecond: 0 } })
    const hashes = Array.from({ length: 3 }, () => randomUUID())
    const { status, answer } = await post("/alive", { hashes, ...at(500), register: true })
    expect(status).toBe(200)
    expect(answer).toMatchObject({ unknown: hashes.slice(2), registered: hashes.slice(0, 2) })
  })

  it("registers none in a full store, and answers them as unknown", async () => {
    await tracker.close()
    const store = new MemoryStore({ expirySeconds: 90, maxDocuments: 1 })
    tracker = await startTracker({ host: "127.0.0.1", port: 0, store })
    const hashes = Array.from({ length: 3 }, () => randomUUID())
    const { status, answer } = await post("/alive", { hashes, ...at(500), register: true })
    expect(status).toBe(200)
    expect(answer["registered"]).toHaveLength(1)
    expect(answer["unknown"]).toHaveLength(2)
  })

  it("notes no more new peers than an address may have, however many documents its requests name [hostile 42]", async () => {
    await tracker.close()
    tracker = await startTracker({ host: "127.0.0.1", port: 0, peerBudget: { burst: 1, perSecond: 0 } })
    const hashes = await Promise.all(
      Array.from({ length: 60 }, async () => String((await post("/hash", at(300))).answer["hash"])),
    )
    await Promise.all([400, 500, 600].map((port) => post("/alive", { hashes, ...at(port) })))
    const counts = await Promise.all(
      hashes.map(async (hash) => Number((await post("/status", { hash })).answer["complete"])),
    )
    // Each document has the peer that registered it; those that are asked for at once may pass together.
    expect(counts.reduce((sum, count) => sum + count - 1, 0)).toBeLessThanOrEqual(16)
  })

  it("takes as many documents as it says", async () => {
    const hashes = Array.from({ length: 1_000 }, () => randomUUID())
    expect((await post("/alive", { hashes, ...at(500) })).answer["unknown"]).toEqual(hashes)
  })

  it.each([
    ["no list", { ...at(500) }],
    ["an empty list", { hashes: [], ...at(500) }],
    ["too long a list", { hashes: Array.from({ length: 1_001 }, () => randomUUID()), ...at(500) }],
    ["something else than uuids", { hashes: ["../../etc"], ...at(500) }],
  ])("refuses %s [hostile 40]", async (_, body) => {
    expect((await post("/alive", body)).status).toBe(400)
  })
})
