import { describe, expect, it } from "vitest"
import { readStatus } from "./status-answer.js"

const answer = (status: number, body: string) => ({
  ...{ status, body, retryAfterMs: undefined, location: undefined, remoteHost: undefined },
})
const read = (status: number, body = "") => readStatus(answer(status, body), "http://t:5000", () => JSON.parse(body))

describe("the answer to a status", () => {
  it("has machines with readable addresses; others are left out", () => {
    const machine = { state: "silent", left: null, rate: 1.5, heard: 3 } as const
    const machines = ["10.0.0.1", "2001:DB8::1", "\u001b[2J", "example.org"].map((listening_host) => {
      return { ...machine, listening_host, listening_port: 7001 }
    })
    const body = JSON.stringify({ machines, total: 9, complete: 4, downloading: 1, silent: 4 })
    expect(read(200, body)).toEqual({
      machines: ["10.0.0.1:7001", "[2001:db8::1]:7001"].map((address) => {
        return { address, state: "silent", leftBytes: undefined, bytesPerSecond: 1.5, heardSecondsAgo: 3 }
      }),
      ...{ total: 9, complete: 4, downloading: 1, silent: 4 },
      trackers: [{ url: "http://t:5000", problem: undefined }],
    })
  })

  it.each([
    [404, '{"error":{"code":"not_found","message":"there is nothing here"}}'],
    [404, "<html>"],
    [405, ""],
    [501, ""],
  ])("%i with %j is that of a tracker that is too old", (status, body) => {
    expect(() => read(status, body)).toThrow(
      expect.objectContaining({ code: "status_unsupported", message: expect.stringContaining("http://t:5000") }),
    )
  })

  it("is a refusal, where the document is unknown", () => {
    const refusal = new Error("as the caller reads it")
    const body = '{"error":{"code":"unknown_hash","message":"no document"}}'
    expect(() =>
      readStatus(answer(404, body), "", () => {
        throw refusal
      }),
    ).toThrow(refusal)
  })
})
