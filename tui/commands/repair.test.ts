import { describe, expect, it } from "vitest"
import { FakeClient, fakeDocument, fakeSnapshot } from "../testing/fake-client.js"
import { Session } from "./session.js"

const ID = "11111111-0000-4000-8000-000000000000"
const DAMAGED = { id: ID, name: "tree", isFolder: true, haveCount: 98 } as const

/** What a line reports of a client with one damaged folder, of which so many files are not wanted, and what it calls. */
async function said(
  line: string,
  unwanted = 0,
): Promise<{ readonly lines: readonly string[]; readonly calls: readonly string[] }> {
  const client = new FakeClient(fakeSnapshot({ documents: [fakeDocument(DAMAGED)] }))
  const row = { executable: false, wanted: true, size: 10 }
  const rows = [
    ...Array.from({ length: unwanted }, (_, at) => ({
      ...{ ...row, wanted: false, index: 10 + at, path: `other/${at}`, doneBytes: 0 },
    })),
    { ...row, index: 4, path: "data/two", doneBytes: 3 },
    { ...row, index: 1, path: "data/one", doneBytes: 10 },
  ]
  client.pages.set(ID, { total: 2, matching: 2, wantedFiles: 2, wantedBytes: 20, rows })
  const lines: string[] = []
  const audience = {
    report: (report: { readonly lines: readonly string[] }) => void lines.push(...report.lines),
    failure: ({ message }: { readonly message: string }) => void lines.push(message),
  }
  const { signal } = new AbortController()
  const session = new Session(client, audience, {
    signal,
    onQuit: () => undefined,
    paths: { folder: "/", serviceFolder: "/" },
  })
  await session.run(line)
  if (!line.startsWith("download")) await session.settled()
  return { lines, calls: client.calls }
}

describe("repair", () => {
  it("says what is there, and in the end that it is whole [U11]", async () => {
    const { lines, calls } = await said("repair tree")
    expect(calls).toEqual([`repair ${ID}`])
    expect([lines[0], lines.at(-1)]).toEqual(["tree: 99 of 100 parts verified, fetching 1", "SUCCESSFUL DOWNLOAD"])
  })

  it("replaces a file that was shared from here only with the user's consent [U11]", async () => {
    expect((await said("repair --yes tree")).calls).toEqual([`repair ${ID} own`])
  })

  it("is asked of a download too [U11]", async () => {
    expect((await said("download a.json x --repair")).calls).toEqual(["download /a.json /x repair"])
  })
})

it("recheck names the files of a folder that are damaged [U11]", async () => {
  const { lines } = await said("recheck tree")
  expect(lines).toEqual([expect.stringMatching(/^tree: checked, .* parts\); damaged: data\/two$/)])
})

it("recheck names them also where many files are not wanted [U11]", async () => {
  const { lines } = await said("recheck tree", 2_500)
  expect(lines).toEqual([expect.stringMatching(/ parts\); damaged: data\/two$/)])
})
