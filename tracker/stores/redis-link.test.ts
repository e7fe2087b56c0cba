import { EventEmitter, once } from "node:events"
import { type AddressInfo, createServer, getDefaultAutoSelectFamilyAttemptTimeout } from "node:net"
import { pino } from "pino"
import { expect, it } from "vitest"
import { parseRedisAddress } from "./redis-address.js"
import { openRedisLink } from "./redis-link.js"

it("gives an address of Redis longer to answer than Node's 250 ms [E9]", async () => {
  const link = openRedisLink(parseRedisAddress("redis://127.0.0.1:1"), pino({ enabled: false }))
  expect(getDefaultAutoSelectFamilyAttemptTimeout()).toBe(1_500)
  await link.close()
})

it("says in one line that a server of another protocol is no Redis [W5]", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {})
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  const lines = new EventEmitter()
  const log = pino({}, { write: (line: string) => void lines.emit("line", line) })
  const link = openRedisLink(parseRedisAddress(`redis://127.0.0.1:${port}`), log)
  const [line] = await once(lines, "line")
  await link.close()
  server.close()
  expect(JSON.parse(line)).toMatchObject({ msg: expect.stringMatching(`^127.0.0.1:${port} does not answer as Redis`) })
  expect(line).not.toContain("stack")
})
