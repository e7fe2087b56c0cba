import { expect, it } from "vitest"
import { hostOf, isLoopback, networkOf } from "./host-of.js"

it.each([
  ["10.0.0.1:80", "10.0.0.1"],
  ["[2001:db8::1]:80", "2001:db8:0:0"],
  ["[2001:db8:1:2:3:4:5:6]:80", "2001:db8:1:2"],
  ["[2001:db8:1:2::]:80", "2001:db8:1:2"],
  ["[::1]:80", "0:0:0:0"],
  ["[fd09:9::]:80", "fd09:9:0:0"],
])("the network of %s is %s", (address, network) => {
  expect(networkOf(address)).toBe(network)
})

it("a host is an address without its port", () => {
  expect(["10.0.0.1:80", "[::1]:80", "10.0.0.1"].map(hostOf)).toEqual(["10.0.0.1", "[::1]", "10.0.0.1"])
})

it("loopback is detected by host and by address", () => {
  expect(["127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:80"].map(isLoopback)).toEqual([true, true, true, true])
  expect(["10.0.0.1:80", "[::1:2]:80"].map(isLoopback)).toEqual([false, false])
})
