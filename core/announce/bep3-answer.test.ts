import { describe, expect, it } from "vitest"
import { type BencodeInput, encodeBencode } from "../base/encode-bencode.js"
import { TrackerError } from "../base/errors.js"
import { type Bep3Answer, readBep3Answer } from "./bep3-answer.js"
import type { HttpAnswer } from "./http-exchange.js"

type Facts = Partial<Omit<HttpAnswer<Uint8Array>, "body">>

function read(body: Uint8Array, facts: Facts = {}): Bep3Answer {
  return readBep3Answer({
    status: 200,
    retryAfterMs: undefined,
    location: undefined,
    remoteHost: undefined,
    ...facts,
    body,
  })
}

function refusalOf(value: BencodeInput, facts: Facts = {}): TrackerError {
  try {
    read(encodeBencode(value), facts)
  } catch (error) {
    if (error instanceof TrackerError) return error
    throw error
  }
  throw new Error("it was accepted")
}

const PEER = Uint8Array.from([10, 0, 0, 1, 0, 80])
const found = { peers: [{ listening_host: "10.0.0.1", listening_port: 80 }], intervalSeconds: 60 }

describe("what a standard tracker answers", () => {
  it.each<[string, string, string]>([
    ["a newline behind it", "", "e\n"],
    ["a page behind it", "", "e<html>"],
    ["a count beyond 2^53", "8:completei99999999999999999999e", "e"],
    ["a negative count", "8:completei-1e", "e"],
    ["a zero with a sign", "10:incompletei-0e", "e"],
    ["a leading zero", "10:downloadedi007e", "e"],
    ["a key that stands there twice", "8:intervali60e", "e"],
  ])("is read in spite of %s [E7]", (_what, more, end) => {
    const text = `d${more}8:intervali60e5:peers6:`
    const body = Buffer.concat([Buffer.from(text, "latin1"), PEER, Buffer.from(end, "latin1")])
    expect(read(body)).toMatchObject(found)
  })

  it("names the minimum and the suggested interval [E3]", () => {
    const both = read(encodeBencode({ interval: 1_800, "min interval": 900, peers: "" }))
    expect(both).toMatchObject({ intervalSeconds: 1_800, minIntervalSeconds: 900 })
    const none = read(encodeBencode({ interval: 0, peers: "" }))
    expect(none).toMatchObject({ intervalSeconds: undefined, minIntervalSeconds: undefined })
  })

  it.each<[string, BencodeInput, number | undefined]>([
    ["in minutes (BEP 31)", { "retry in": 3 }, 180_000],
    ["in minutes, as a text", { "retry in": "3" }, 180_000],
    ["never (BEP 31)", { "retry in": "never" }, Number.POSITIVE_INFINITY],
    ["by an interval", { interval: 1_200 }, 1_200_000],
    ["by the longest of both", { "retry in": 30, "min interval": 60, interval: 120 }, 1_800_000],
    ["not at all", {}, undefined],
  ])("with a failure says when to come back, %s [E3]", (_what, more, retryAfterMs) => {
    const refusal = refusalOf({ "failure reason": "no", ...(more as Record<string, BencodeInput>) })
    expect(refusal).toMatchObject({ code: "refused", retryAfterMs })
  })

  it("may warn, in words that can't steer a terminal [F7]", () => {
    const { warnings } = read(encodeBencode({ peers: "", "warning message": "old \u001b[2Jclient" }))
    expect(warnings).toEqual(["the tracker warns: old \uFFFD[2Jclient"])
  })

  it("may name peers that are no IP addresses: they are counted, not looked up [F7]", () => {
    const peers = [
      { ip: "seed.example", port: 80 },
      { ip: "10.0.0.1", port: 80 },
    ]
    expect(read(encodeBencode({ peers })).warnings).toEqual([
      'the tracker gives 1 of 2 peers by a name instead of an IP address, such as "seed.example": they are left out',
    ])
  })

  it.each<[string, number, RegExp]>([
    ["401", 401, /wants a token, or a name and password/],
    ["403", 403, /does not let this client in/],
    ["404", 404, /no tracker at this path/],
    ["502", 502, /proxy in front of it/],
  ])("is reported with a sentence for the status %s [F7]", (_what, status, words) => {
    expect(refusalOf({}, { status }).message).toMatch(words)
  })

  it("may be no tracker's at all [F7]", () => {
    expect(() => read(Buffer.from("<html>It works!</html>"))).toThrow("the answer is a web page, not that of a tracker")
    expect(() => read(new Uint8Array())).toThrow("the tracker's answer is empty")
  })
})
