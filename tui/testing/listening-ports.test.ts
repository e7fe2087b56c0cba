import { readFileSync } from "node:fs"
import { createServer } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { parseListeningPorts } from "./listening-ports.js"

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1AE1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000000000000000 100 0 0 10 0
   1: 02004D0A:C8D5 03004D0A:1B59 01 00000000:00000000 02:000003E8 00000000     0        0 12346 2 0000000000000000 20 4 30 10 -1
`
const TABLE_6 =
  "   0: 00000000000000000000000000000000:C8D5 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000\n"

describe("parseListeningPorts", () => {
  const server = createServer()
  afterEach(() => server.close())

  it("names the ports of listeners of both families, and of no connection", () => {
    expect(parseListeningPorts(TABLE + TABLE_6)).toEqual([6881, 51413])
  })

  it.skipIf(process.platform !== "linux")("finds a listener in this machine's own table", async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    const port = typeof address === "object" ? address?.port : undefined
    expect(parseListeningPorts(readFileSync("/proc/net/tcp", "utf8"))).toContain(port)
  })
})
