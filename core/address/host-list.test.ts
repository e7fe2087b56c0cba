import { describe, expect, it } from "vitest"
import { formatHostPort } from "./host.js"
import { MAX_LISTED_HOSTS, parseHostLists } from "./host-list.js"

function unfolded(...lists: readonly string[]): readonly string[] | string {
  const hosts = parseHostLists(lists)
  return typeof hosts === "string" ? hosts : hosts.map(({ host, port }) => formatHostPort(host, port))
}

describe("a list of hosts", () => {
  it.each([
    ["a.lab:1", ["a.lab:1"]],
    ["node[1-3]:7001", ["node1:7001", "node2:7001", "node3:7001"]],
    ["node[08-11].lab:7001", ["node08.lab:7001", "node09.lab:7001", "node10.lab:7001", "node11.lab:7001"]],
    ["r[1-2]n[01,03]:5", ["r1n01:5", "r1n03:5", "r2n01:5", "r2n03:5"]],
    ["10.0.[0-1].[1-2]:9", ["10.0.0.1:9", "10.0.0.2:9", "10.0.1.1:9", "10.0.1.2:9"]],
    ["[FD00::0:1]:7001, 127.0.0.1:2", ["[fd00::1]:7001", "127.0.0.1:2"]],
    ["[::ffff:10.0.0.1]:1", ["10.0.0.1:1"]],
    ["A:1,a:1,a:1,", ["a:1"]],
    ["7zip.lab:1", ["7zip.lab:1"]],
  ])("%s", (list, hosts) => {
    expect(unfolded(list)).toEqual(hosts)
  })

  it("takes several lists as one, each host once", () => {
    expect(unfolded("a:1,b:1", "b:1", "c:1")).toEqual(["a:1", "b:1", "c:1"])
  })

  it.each([
    ["", '"" has an empty entry'],
    ["a:1,,b:1", '"a:1,,b:1" has an empty entry'],
    ["node1", '"node1" has no port; expected "host:port", an IPv6 address in brackets'],
    ["fd00::1:7001", '"fd00::1:7001" has no port; expected "host:port", an IPv6 address in brackets'],
    ["a:0", '"a:0" has the port 0; allowed: 1 to 65535'],
    ["a:65536", '"a:65536" has the port 65536; allowed: 1 to 65535'],
    ["n[1-2:1", '"n[1-2:1" has a bracket without its end'],
    ["n1-2]:1", `"n1-2]:1" has brackets that don't match`],
    ["n[[1]]:1", `"n[[1]]:1" has brackets that don't match`],
    ["n[9-1]:1", '"n[9-1]:1" has the range 9-1, which ends before it begins'],
    ["n[a-b]:1", '"n[a-b]:1" has "[a-b]"; expected numbers and ranges, such as [1-20] or [001,005-128]'],
    ["n[]:1", '"n[]:1" has "[]"; expected numbers and ranges, such as [1-20] or [001,005-128]'],
    [
      "n[1-9999999999]:1",
      '"n[1-9999999999]:1" has "[1-9999999999]"; expected numbers and ranges, such as [1-20] or [001,005-128]',
    ],
    ["10.0.0.[250-256]:1", '"10.0.0.[250-256]:1" has "10.0.0.256", which is neither a name nor an address'],
    ["0.0.0.0:1", '"0.0.0.0:1" has 0.0.0.0, an address that no peer can have'],
    ["224.0.0.1:1", '"224.0.0.1:1" has 224.0.0.1, an address that no peer can have'],
    ["169.254.169.254:80", '"169.254.169.254:80" has 169.254.169.254, an address that no peer can have'],
    ["http://a:1", '"http://a:1" has no port; expected "host:port", an IPv6 address in brackets'],
    ["a b:1", '"a b:1" has "a b", which is neither a name nor an address'],
    ["[fd00::g]:1", '"[fd00::g]:1" has "fd00::g", which is neither a name nor an address'],
  ])("refuses %j", (list, sentence) => {
    expect(unfolded(list)).toBe(sentence)
  })

  it("refuses more than a client takes, without making them first", () => {
    const tooMany = `more than ${MAX_LISTED_HOSTS} hosts; that is the most a client takes`
    expect(unfolded(`n[1-${MAX_LISTED_HOSTS}]:1`)).toHaveLength(MAX_LISTED_HOSTS)
    expect(unfolded(`n[0-${MAX_LISTED_HOSTS}]:1`)).toBe(tooMany)
    expect(unfolded(`n[1-${MAX_LISTED_HOSTS}]:1,m:1`)).toBe(tooMany)
    expect(unfolded("n[1-999][1-999][1-999][1-999][1-999][1-999]:1")).toBe(tooMany)
    expect(unfolded("n[1-999999999]:1")).toBe(tooMany)
  })
})
