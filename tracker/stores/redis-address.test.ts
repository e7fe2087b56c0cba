import { describe, expect, it } from "vitest"
import { parseRedisAddress } from "./redis-address.js"

describe("the address of a Redis", () => {
  const plain = { isCluster: false, tls: false, username: undefined, password: undefined, database: 0 }
  it.each([
    ["redis://a", { ...plain, nodes: [{ host: "a", port: 6379 }], shown: "redis://a" }],
    ["rediss://[::1]:1/2", { ...plain, tls: true, nodes: [{ host: "::1", port: 1 }], database: 2 }],
    ["redis://:s%40cret@a:1", { ...plain, password: "s@cret", shown: "redis://a:1" }],
    ["redis://me:100%@a:1", { ...plain, username: "me", password: "100%" }],
    [
      "redis-cluster://me:x@a:1,b,[::1]:3",
      {
        isCluster: true,
        nodes: [
          { host: "a", port: 1 },
          { host: "b", port: 6379 },
          { host: "::1", port: 3 },
        ],
        shown: "redis-cluster://a:1,b,[::1]:3",
      },
    ],
  ])("reads %s", (text, expected) => {
    expect(parseRedisAddress(text)).toMatchObject(expected)
  })

  it.each([
    "redis:a",
    "redis://",
    "redis://a:0",
    "redis://a:65536",
    "redis://a,b",
    "redis://a/x",
    "redis://a?x",
    "redis-cluster://a,",
    "redis-cluster://a/1",
    "redis-sentinel://a",
    "redis://me:secret@a:port",
  ])("refuses %s, and repeats no password", (text) => {
    expect(() => parseRedisAddress(text)).toThrow(
      expect.objectContaining({ code: "bad_usage", message: expect.not.stringContaining("secret") }),
    )
  })
})
