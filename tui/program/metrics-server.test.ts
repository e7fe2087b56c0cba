import { request } from "node:http"
import { afterEach, describe, expect, it } from "vitest"
import type { ClientSnapshot } from "../../core/index.js"
import { fakeDocument, fakeSnapshot } from "../testing/fake-client.js"
import { type MetricsServer, startMetricsServer } from "./metrics-server.js"

const servers: MetricsServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function serve(snapshot: () => ClientSnapshot): Promise<MetricsServer> {
  const server = await startMetricsServer({ host: "127.0.0.1", port: 0 }, snapshot)
  servers.push(server)
  return server
}

function get(port: number, { path = "/metrics", method = "GET", headers = {} as Record<string, string> } = {}) {
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const asked = request({ port, path, method, headers, host: "127.0.0.1", agent: false }, async (response) => {
      let text = ""
      for await (const chunk of response) text += String(chunk)
      resolve({ status: response.statusCode, text })
    })
    asked.on("error", reject).end()
  })
}

const documents = (count: number) =>
  Array.from({ length: count }, (_, number) => fakeDocument({ id: `id-${number}`, name: 'a"b', uploadedBytes: 2 }))

describe("the metrics of a client", () => {
  it("are of all documents and of each, as they are now", async () => {
    let snapshot = fakeSnapshot({ documents: documents(2) })
    const { port } = await serve(() => snapshot)
    const { text } = await get(port)
    expect(text).toContain('p2p_tui_documents{state="seeding"} 2')
    expect(text).toContain("p2p_tui_uploaded_bytes 4")
    expect(text).toContain('p2p_tui_document_uploaded_bytes{document="id-1",name="a\\"b"} 2')
    snapshot = fakeSnapshot({ documents: documents(1) })
    expect((await get(port)).text).not.toContain("id-1")
  })

  it("name 500 documents; the others are added up", async () => {
    const { port } = await serve(() => fakeSnapshot({ documents: documents(1_000) }))
    const { text } = await get(port)
    expect(text.match(/^p2p_tui_document_uploaded_bytes\{/gm)).toHaveLength(501)
    expect(text).toContain('p2p_tui_document_uploaded_bytes{document="other",name="other"} 1000')
  })

  it.each([
    [{ path: "/" }, 404],
    [{ method: "POST" }, 405],
    [{ headers: { origin: "http://127.0.0.1" } }, 403],
    [{ headers: { host: "evil.example" } }, 403],
    [{ headers: { host: "localhost:1" } }, 200],
    [{ headers: { host: "[::1]:1" } }, 200],
  ])("are answered to %j with %i", async (asked, status) => {
    const { port } = await serve(() => fakeSnapshot())
    expect((await get(port, asked)).status).toBe(status)
  })

  it("need a port that is free, and give it back", async () => {
    const first = await serve(() => fakeSnapshot())
    const address = { host: "127.0.0.1", port: first.port }
    await expect(startMetricsServer(address, () => undefined)).rejects.toMatchObject({ code: "port_in_use" })
    await first.close()
    servers.push(await startMetricsServer(address, () => undefined))
    expect((await get(first.port)).status).toBe(503)
  })
})
