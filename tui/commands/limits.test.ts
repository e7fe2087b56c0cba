import { describe, expect, it } from "vitest"
import { FakeClient, fakeDocument, fakeSnapshot } from "../testing/fake-client.js"
import { Arguments } from "./arguments.js"
import { limit } from "./limits.js"
import { parseCommand } from "./parse.js"
import type { Report } from "./report.js"
import { splitWords } from "./words.js"

/** What the command reports of a client with one document. */
async function limited(line: string, client = clientWithOne()): Promise<Report | undefined> {
  const reports: Report[] = []
  const { given } = parseCommand(splitWords(line), [limit])
  const unused = (): never => {
    throw new TypeError("not used by this command")
  }
  const context = { client, report: (report: Report) => reports.push(report), follow: unused, quit: unused }
  await limit.run(given, { ...context, signal: new AbortController().signal } as unknown as Parameters<
    typeof limit.run
  >[1])
  expect(given).toBeInstanceOf(Arguments)
  return reports[0]
}

const clientWithOne = () => new FakeClient(fakeSnapshot({ documents: [fakeDocument({ name: "a.iso" })] }))

describe("limits", () => {
  it.each([
    ["limit down 10MB/s", "limits: down 10 MB/s, up unlimited"],
    ["limit down 10 MB/s", "limits: down 10 MB/s, up unlimited"],
    ["limit up 512KiB", "limits: down unlimited, up 512 KiB/s"],
    ["limit up 1.25GiB/s", "limits: down unlimited, up 1.25 GiB/s"],
    ["limit down 300000B/s", "limits: down 300 kB/s, up unlimited"],
    ["limit none", "limits: down unlimited, up unlimited"],
    ["limit", "limits: down unlimited, up unlimited"],
    ["limit down 1MB/s a.iso", "limits of a.iso: down 1 MB/s, up unlimited"],
    ["limit none a.iso", "limits of a.iso: down unlimited, up unlimited"],
  ])("take %s [U10]", async (line, words) => {
    expect((await limited(line))?.lines.at(-1)).toBe(words)
  })

  it("of one document leave those of all alone, and are listed with them [U10]", async () => {
    const client = clientWithOne()
    await limited("limit up 2MB/s", client)
    await limited("limit up 1MB/s a.iso", client)
    const report = await limited("limit", client)
    expect(report?.lines).toEqual(["a.iso: down unlimited, up 1 MB/s", "limits: down unlimited, up 2 MB/s"])
    expect(report?.fields).toMatchObject({
      up_bytes_per_second: 2_000_000,
      documents: [{ name: "a.iso", up_bytes_per_second: 1_000_000, down_bytes_per_second: null }],
    })
  })

  it("refuse a number without a unit, and say what it may be [U10]", async () => {
    await expect(limited("limit down 10")).rejects.toThrow('"10" has no unit: 10MB/s, 10KiB/s or 10B/s?')
    await expect(limited("limit down 10 a.iso")).rejects.toThrow('"10" has no unit')
    await expect(limited("limit down fast")).rejects.toThrow('"fast" is no rate')
  })
})
