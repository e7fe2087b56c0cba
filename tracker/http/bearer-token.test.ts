import { afterEach, describe, expect, it } from "vitest"
import { createTrackerClient } from "../../core/announce/tracker-client.js"
import { ask, closeTrackers, post, self, start } from "../testing/requests.js"

afterEach(closeTrackers)

describe("a tracker with a token", () => {
  it.each(["bearer", "BEARER", "Bearer  "])("takes the scheme %j, in any case of letters [V2]", async (scheme) => {
    const { url } = await start({ token: "open-sesame" })
    expect((await post(`${url}/hash`, self(300), { authorization: `${scheme} open-sesame` })).status).toBe(200)
    expect((await post(`${url}/hash`, self(300), { authorization: `${scheme} open-sesam` })).status).toBe(401)
  })

  it("answers requests that carry it, and all others only on /health", async () => {
    const { url } = await start({ token: "open-sesame" })
    for (const authorization of [undefined, "", "open-sesame", "Bearer open", "Bearer open-sesames", "Basic x"]) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
      const reply = await post(`${url}/hash`, self(300), headers)
      expect(reply).toMatchObject({ status: 401, body: { error: { code: "unauthorized" } } })
      expect(reply.headers["www-authenticate"]).toBe("Bearer")
    }
    expect((await post(`${url}/hash`, self(300), { authorization: "Bearer open-sesame" })).status).toBe(200)
    expect((await ask(`${url}/announce`, { method: "GET" })).status).toBe(401)
    expect((await ask(`${url}/health`, { method: "GET" })).status).toBe(200)
  })
})

it("a tracker with a token is used by our client", async () => {
  const { url } = await start({ token: "open-sesame" })
  const us = { listeningHost: "0.0.0.0", listeningPort: 7001 }
  await createTrackerClient({ url, token: "open-sesame" }).register(us)
  await expect(createTrackerClient({ url }).register(us)).rejects.toMatchObject({ code: "refused", status: 401 })
})
