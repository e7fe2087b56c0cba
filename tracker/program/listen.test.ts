import { EventEmitter } from "node:events"
import { createServer, type Server } from "node:http"
import pino from "pino"
import { afterEach, expect, it } from "vitest"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { ask } from "../testing/requests.js"
import { type Listening, listenOn, outlive } from "./listen.js"

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

it.each([
  ["EADDRNOTAVAIL", "bad_host", /no address of this machine, or not yet/],
  ["EMFILE", "listen_failed", /port 80 can't be listened on: no free file descriptor \(EMFILE\)/],
  ["EPERM", "listen_failed", /port 80 can't be listened on: not permitted \(EPERM\)/],
  ["EAI_FAIL", "listen_failed", /port 80 can't be listened on: EAI_FAIL/],
])("a start that %s hinders is refused in words [W1]", async (errno, code, message) => {
  const fail = () => {
    const server = new EventEmitter()
    const listen = () =>
      process.nextTick(() => server.emit("error", Object.assign(new Error("listen"), { code: errno })))
    return Object.assign(server, { listen }) as unknown as Server
  }
  await expect(listenOn("127.0.0.1", 80, fail)).rejects.toMatchObject({
    name: "TryAgainError",
    code,
    message: expect.stringMatching(message),
  })
})
