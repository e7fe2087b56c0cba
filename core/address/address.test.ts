import { describe, expect, it } from "vitest"
import { formatAddress, parseAddress, toAddress } from "./address.js"

describe("peer address", () => {
  it.each([
    ["10.0.0.1:7001", "10.0.0.1:7001"],
    ["[::1]:80", "[::1]:80"],
    ["[0:0:0:0:0:0:0:1]:80", "[::1]:80"],
    ["[FE80::1%eth0]:80", "[fe80::1]:80"],
    ["[::ffff:10.0.0.1]:80", "10.0.0.1:80"],
  ])("%s has the one form %s [hostile 35]", (text, normal) => {
    const address = parseAddress(text)
    expect(address && formatAddress(address)).toBe(normal)
  })

  it.each([
    "",
    "10.0.0.1",
    "10.0.0.1:0",
    "10.0.0.1:65536",
    "::1:80",
    "example.com:80",
    "[::1]80",
    "10.0.0.1:80x",
    "10.1:80",
  ])("%j is none", (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it("folds what a socket reports [hostile 35]", () => {
    expect(toAddress("::ffff:10.0.0.1", 5)).toEqual({ host: "10.0.0.1", port: 5 })
    expect(toAddress(undefined, 5)).toBeUndefined()
  })
})
