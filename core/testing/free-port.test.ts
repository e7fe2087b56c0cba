import { once } from "node:events"
import { createServer } from "node:net"
import { expect, it } from "vitest"
import { freePort } from "./free-port.js"

it("a free port is another one with each call, and one on which nothing listens", async () => {
  const first = await freePort()
  const server = createServer().listen(first + 1, "127.0.0.1")
  // Another program that has that port already serves as well.
  await once(server, "listening").catch(() => undefined)
  const more = [await freePort(), await freePort()]
  server.close()
  expect(new Set([first, first + 1, ...more]).size).toBe(4)
})
