import { describe, expect, it } from "vitest"
import type { DownloadHandle, DownloadResult } from "../../core/index.js"
import { deferred } from "../../core/testing/deferred.js"
import { FakeClient, fakeDocument, fakeSnapshot } from "../testing/fake-client.js"
import { Session } from "./session.js"

/** A session that follows the download of a link, while the client lists `documents`. */
function followed(documents: readonly ReturnType<typeof fakeDocument>[]) {
  const client = new FakeClient(fakeSnapshot({ documents }))
  const audience = { report: () => undefined, failure: () => undefined }
  const paths = { folder: "/", serviceFolder: "/" }
  const session = new Session(client, audience, {
    signal: new AbortController().signal,
    onQuit: () => undefined,
    paths,
  })
  const begun = deferred<string>()
  const done = deferred<DownloadResult>()
  const handle: DownloadHandle = {
    ...{ id: "of the link", begun: begun.promise, found: undefined },
    ...{ done: done.promise, durable: done.promise },
  }
  session.follow(handle)
  return { session, begun, done }
}

describe("a session that follows the download of a link", () => {
  it("waits for it while the client lists its document under its own id, which the session does not know yet", async () => {
    const { session, begun, done } = followed([fakeDocument({ id: "of the torrent", state: "checking" })])
    const settled = session.settled()
    begun.resolve("of the torrent")
    done.resolve({ id: "of the torrent", filePath: "/a", sizeBytes: 1, fetchedBytes: 1 })
    await settled
    expect([session.exitCode, session.isUnfinished]).toEqual([0, false])
  })

  it("ends unfinished when the link is paused before its description has come", async () => {
    const { session } = followed([fakeDocument({ id: "of the link", state: "paused" })])
    await session.settled()
    expect(session.isUnfinished).toBe(true)
  })
})
