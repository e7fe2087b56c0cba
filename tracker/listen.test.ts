import { createServer } from "node:http"
import pino from "pino"
import { afterEach, expect, it } from "vitest"
import { FakeClock } from "../core/testing/fake-clock.js"
import { type Listening, listenOn, outlive } from "./listen.js"
import { ask } from "./testing/requests.js"

let listening: Listening | undefined
afterEach(() => {
  for (const server of listening?.servers ?? []) server.close()
})

it("a server that can't take a connection lives on, and says so once a minute [B16]", async () => {
  const lines: string[] = []
  const log = pino({}, { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) })
  listening = await listenOn("127.0.0.1", 0, () => createServer((_request, response) => response.end("{}")))
  const [server] = listening.servers
  if (server === undefined) throw new Error("nothing listens")
  const clock = new FakeClock()
  outlive(server, log, clock)
  const fail = (code: string) => server.emit("error", Object.assign(new Error("accept"), { code }))
  for (let time = 0; time < 100; time++) fail("ENOMEM")
  expect(lines).toHaveLength(1)
  fail("ENOBUFS")
  clock.advance(60_000)
  fail("ENOMEM")
  expect(lines).toHaveLength(3)
  expect((await ask(`http://127.0.0.1:${listening.port}/`)).status).toBe(200)
})
