/**
 * `micro-answers <file>`: a micro handler that reads a request's JSON and answers the bytes in a file, whatever it was
 * asked. What a tracker on micro costs at least; the yardstick of the tracker bench.
 */
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { json, serve } from "micro"

const body = readFileSync(String(process.argv[2]))
const headers = { "content-type": "application/json; charset=utf-8", "content-length": body.length }
const server = createServer(
  serve(async (request, response) => {
    await json(request)
    response.writeHead(200, headers).end(body)
  }),
)
server.listen(0, "127.0.0.1", () =>
  process.stdout.write(`listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`),
)
