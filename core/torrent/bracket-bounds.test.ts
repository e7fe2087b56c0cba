import { describe, expect, it } from "vitest"
import { TorrentFileError } from "../base/errors.js"
import { refuseBrackets } from "./bracket-bounds.js"

const MIB_64 = 64 * 2 ** 20

describe("brackets of a torrent file", () => {
  it.each([
    ["deep", "[".repeat(MIB_64), /inside each other/],
    ["side by side", `[${"{},".repeat(MIB_64 / 3 - 1)}`, /more than 1010000/],
    ["in brackets of keys", `{${'"a":[],'.repeat(MIB_64 / 7 - 1)}`, /more than 1010000/],
  ])("are refused unparsed where 64 MiB are full of them: %s [G3]", (_, text, message) => {
    expect(() => refuseBrackets(text)).toThrow(TorrentFileError)
    expect(() => refuseBrackets(text)).toThrow(message)
  })

  it.each([
    ["in one object", (count: number) => `{${Array.from({ length: count }, (_, key) => `"${key}":0`).join(",")}}`],
    ["in many", (count: number) => `[${Array.from({ length: count }, (_, key) => `{"${key}":0}`).join(",")}]`],
  ])("are refused unparsed with keys of ever new names: %s [G3]", (_, textOf) => {
    expect(() => refuseBrackets(textOf(10_032))).not.toThrow()
    expect(() => refuseBrackets(textOf(10_033))).toThrow(/more than 10000 keys, with more than 32 names/)
  })

  it("may have a million keys of a few names, and colons in strings", () => {
    const file = '{"Path":["a:b","c"],"Size":0,"Mode":"x:y"}'
    expect(() => refuseBrackets(`[${Array(400_000).fill(file).join(",")}]`)).not.toThrow()
  })

  it("may be a million in names, whatever quotes and backslashes stand before them", () => {
    const names = ['"[{\\""', '"\\\\"', '"\\\\\\"[["', '"[]"']
    const text = JSON.stringify({ x: 1 }).replace("1", `[${Array(400_000).fill(names.join(",")).join(",")}]`)
    expect(() => refuseBrackets(text)).not.toThrow()
    expect(() => JSON.parse(text)).not.toThrow()
  })

  it("may be two for each of 500,000 files, and ten thousand more", () => {
    const text = `[${Array(504_998).fill("[[]]").join(",")}]`
    expect(() => refuseBrackets(text)).not.toThrow()
    expect(() => refuseBrackets(`[${text},[],[]]`)).not.toThrow()
    expect(() => refuseBrackets(`[${text},[],[],[]]`)).toThrow(/more than 1010000/)
  })

  it("end at the end of a string that has none", () => {
    expect(() => refuseBrackets(`${"[],".repeat(10_001)}"[[[`)).not.toThrow()
  })
})
