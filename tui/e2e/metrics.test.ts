import { writeFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { freePort } from "../../core/testing/free-port.js"
import { Playground } from "./playground.js"

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

it("a client serves metrics of its documents on loopback, and says so when the port is in use", async () => {
  await ground.tracker()
  const port = await freePort()
  const client = ground.client(await ground.config("a", { metrics: { port } }), "--json")
  await writeFile(ground.path("a", "sample"), "some bytes")
  client.type("upload sample sample.torrent.json")
  const { id } = await client.event("upload_completed")
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  expect(text).toContain(`p2p_tui_document_have_bytes{document="${id}",name="sample"} 10`)
  const other = ground.client(await ground.config("b", { metrics: { port } }), "list")
  expect(await other.ended()).toBe(2)
  expect(other.errors).toMatch(/^ERROR port_in_use metrics can't be served on 127\.0\.0\.1:\d+/)
  client.endInput()
  expect(await client.ended()).toBe(0)
})
