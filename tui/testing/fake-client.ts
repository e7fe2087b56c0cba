import {
  type Client,
  type ClientSnapshot,
  CommandError,
  type DocumentDetail,
  type DocumentSnapshot,
  type DownloadHandle,
  type DownloadRequest,
  type DownloadResult,
  type FileChoice,
  type FilesPage,
  type FilesQuery,
  type JobSnapshot,
  type LimitChange,
  type Limits,
  type MachineSnapshot,
  type PeerSnapshot,
  type RemoveOptions,
  type RemoveResult,
  type RepairOptions,
  type StatusOptions,
  type SwarmStatus,
  type TreePage,
  type UploadRequest,
} from "../../core/index.js"

/** A document as snapshots show it, with plain values for whatever a test doesn't care about. */
export function fakeDocument(given: Partial<DocumentSnapshot> = {}): DocumentSnapshot {
  const name = given.name ?? "a.iso"
  return {
    id: `00000000-0000-4000-8000-${name.length.toString(16).padStart(12, "0")}`,
    name,
    filePath: `/files/${name}`,
    torrentPath: `/files/${name}.torrent.json`,
    sizeBytes: 100 * 1024,
    partSizeBytes: 1024,
    partCount: 100,
    isFolder: false,
    fileCount: 1,
    selection: undefined,
    open: true,
    limits: { downBytesPerSecond: undefined, upBytesPerSecond: undefined },
    state: "seeding",
    why: undefined,
    haveCount: 100,
    haveBytes: 100 * 1024,
    checkedCount: undefined,
    checkedBytesPerSecond: 0,
    downBytesPerSecond: 0,
    upBytesPerSecond: 0,
    downloadedBytes: 0,
    uploadedBytes: 0,
    etaSeconds: undefined,
    connectedPeers: 0,
    knownPeers: 0,
    reusedCount: 0,
    ...given,
  }
}

export function fakeSnapshot(given: Partial<ClientSnapshot> = {}): ClientSnapshot {
  return {
    takenAtMs: 0,
    listening: { host: "0.0.0.0", port: 7001 },
    tracker: { url: "http://127.0.0.1:5000", kind: "remote", state: "answering", answeredAtMs: 0, problem: undefined },
    downBytesPerSecond: 0,
    upBytesPerSecond: 0,
    limits: { downBytesPerSecond: undefined, upBytesPerSecond: undefined },
    documents: [],
    jobs: [],
    ...given,
  }
}

/** A connected peer, with plain values for whatever a test doesn't care about. */
export function fakePeer(given: Partial<PeerSnapshot> = {}): PeerSnapshot {
  return {
    ...{ address: "10.0.0.1:7001", haveCount: 0, upBytesPerSecond: 0, client: "x", direction: "incoming" },
    ...{ downBytesPerSecond: 0, downloadedBytes: 0, uploadedBytes: 0, requestsOut: 0, requestsIn: 0, failures: 0 },
    ...{ amChoking: false, amInterested: false, peerChoking: false, peerInterested: false, encrypted: false },
    ...{ source: "tracker", ...given },
  }
}

/** A status of these machines, all of which are in the list. */
export function fakeStatus(machines: readonly MachineSnapshot[] = []): SwarmStatus {
  const count = (state: MachineSnapshot["state"]) => machines.filter((machine) => machine.state === state).length
  return {
    ...{ machines, total: machines.length },
    ...{ complete: count("complete"), downloading: count("downloading"), silent: count("silent") },
    trackers: [{ url: "http://127.0.0.1:5000", problem: undefined }],
  }
}

/** Ends a fake download. */
export interface FakeDownload {
  complete(result?: Partial<DownloadResult>): void
  /** It is complete, and then the disk does not take it. */
  completeAndLose(error: Error): void
  fail(error: Error): void
}

export const FAKE_LINK =
  "p2p-tui:0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90?dn=a.iso#AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh_f3t3c29rZ2NfW1dTT0tHQz87NzA"

/** A client without an engine: shows the snapshot it is given, and records the calls. */
export class FakeClient implements Client {
  readonly listening = { host: "0.0.0.0", port: 7001 }
  /** Every call that changes something, as words: "pause <id>". */
  readonly calls: string[] = []
  readonly downloads = new Map<string, FakeDownload>()
  readonly details = new Map<string, DocumentDetail>()
  readonly pages = new Map<string, FilesPage>()
  readonly trees = new Map<string, TreePage>()
  /** What the next upload does; by default it succeeds at once. */
  onUpload: (request: UploadRequest, signal: AbortSignal | undefined) => Promise<void> = async () => {}
  #snapshot: ClientSnapshot
  readonly #listeners = new Set<() => void>()

  constructor(snapshot: ClientSnapshot = fakeSnapshot()) {
    this.#snapshot = snapshot
  }

  snapshot = (): ClientSnapshot => this.#snapshot

  detail = (id: string): DocumentDetail | undefined => this.details.get(id)

  files(id: string, { from, count }: FilesQuery): FilesPage | undefined {
    const page = this.pages.get(id)
    return page && { ...page, rows: page.rows.slice(from, from + count) }
  }

  tree = (id: string): TreePage | undefined => this.trees.get(id)

  async select(id: string, choice: FileChoice | undefined): Promise<void> {
    this.calls.push(`select ${id} ${choice === undefined ? "all" : JSON.stringify(choice)}`)
  }

  /** Of `onChange`, that have not been taken back. */
  get listenerCount(): number {
    return this.#listeners.size
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  announceAgain(): void {
    this.calls.push("announce again")
  }

  async opened(): Promise<void> {}

  /** Plays the next scene. */
  show(change: Partial<ClientSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    for (const listener of this.#listeners) listener()
  }

  /** Changes one document, or adds it. */
  showDocument(document: DocumentSnapshot): void {
    const others = this.#snapshot.documents.filter((each) => each.id !== document.id)
    this.show({ documents: [...others, document] })
  }

  showJobs(jobs: readonly JobSnapshot[]): void {
    this.show({ jobs })
  }

  async upload(request: UploadRequest, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
    this.calls.push(`upload ${request.file} ${request.torrent ?? "-"} ${request.open === true ? "open" : "private"}`)
    await this.onUpload(request, signal)
    const document = fakeDocument({ name: request.file })
    this.showDocument(document)
    return {
      id: document.id,
      torrentPath: `/files/${request.torrent}`,
      open: document.open,
      isNew: true,
      emptyFolders: 0,
      link: FAKE_LINK,
    }
  }

  async download({ torrent, file, repair }: DownloadRequest): Promise<DownloadHandle> {
    this.calls.push(`download ${torrent} ${file ?? "-"}${repair === true ? " repair" : ""}`)
    if (torrent.startsWith("missing")) throw new CommandError("no_such_file", `${torrent} does not exist`)
    const document = fakeDocument({ name: torrent, state: "downloading", haveCount: 0, haveBytes: 0 })
    this.showDocument(document)
    const whole = { id: document.id, filePath: file ?? "/files/out", sizeBytes: 102_400, fetchedBytes: 102_400 }
    let lost: Error | undefined
    const done = new Promise<DownloadResult>((resolve, reject) => {
      this.downloads.set(torrent, {
        complete: (result) => resolve({ ...whole, ...result }),
        completeAndLose: (error) => {
          lost = error
          resolve(whole)
        },
        fail: reject,
      })
    })
    const durable = done.then((result) => (lost === undefined ? result : Promise.reject(lost)))
    durable.catch(() => undefined)
    return { id: document.id, found: { reusedParts: 0, partCount: 100, sizeBytes: 1_024 }, done, durable }
  }

  link(id: string): string {
    this.calls.push(`link ${id}`)
    return FAKE_LINK
  }

  async export(torrent: string, metainfo: string): Promise<string> {
    this.calls.push(`export ${torrent} ${metainfo}`)
    return `/files/${metainfo}`
  }

  async pause(id: string): Promise<void> {
    this.#become(id, "pause", "paused")
  }

  async resume(id: string): Promise<void> {
    this.#become(id, "resume", "downloading")
  }

  async recheck(id: string): Promise<void> {
    this.calls.push(`recheck ${id}`)
  }

  async repair(id: string, { replaceOwn = false }: RepairOptions = {}): Promise<DownloadHandle> {
    this.calls.push(`repair ${id}${replaceOwn ? " own" : ""}`)
    const { filePath, sizeBytes } = this.find(id)
    const done = Promise.resolve({ id, filePath, sizeBytes, fetchedBytes: 1_024 })
    return { id, found: { reusedParts: 99, partCount: 100, sizeBytes: 1_024 }, done, durable: done }
  }

  async remove(id: string, options: RemoveOptions = {}): Promise<RemoveResult> {
    this.calls.push(`remove ${id}${options.discardUnfinished === true ? " discard" : ""}`)
    const removed = this.#snapshot.documents.find((document) => document.id === id)
    this.show({ documents: this.#snapshot.documents.filter((document) => document.id !== id) })
    return { discarded: options.discardUnfinished === true && (removed?.haveCount ?? 0) < (removed?.partCount ?? 0) }
  }

  /** What the next question for a status is answered; by default there is no machine. */
  onStatus: (id: string, limit: number | undefined) => Promise<SwarmStatus> = async () => fakeStatus()

  async status(id: string, { signal, limit }: StatusOptions = {}): Promise<SwarmStatus> {
    signal?.throwIfAborted()
    return this.onStatus(id, limit)
  }

  cancel(jobId: string): void {
    this.calls.push(`cancel ${jobId}`)
    this.showJobs(this.#snapshot.jobs.filter(({ id }) => id !== jobId))
  }

  setLimits(limits: LimitChange, id?: string): void {
    const document = this.#snapshot.documents.find((each) => each.id === id)
    const before = document?.limits ?? this.#snapshot.limits
    const after: Limits = {
      downBytesPerSecond: merged(before.downBytesPerSecond, limits.downBytesPerSecond),
      upBytesPerSecond: merged(before.upBytesPerSecond, limits.upBytesPerSecond),
    }
    if (document === undefined) this.show({ limits: after })
    else this.showDocument({ ...document, limits: after })
  }

  find(word: string): DocumentSnapshot {
    const found = this.#snapshot.documents.find((document) => document.name === word || document.id.startsWith(word))
    if (found === undefined) throw new CommandError("unknown_document", `no document is called "${word}"`)
    return found
  }

  async close(): Promise<void> {
    this.calls.push("close")
  }

  #become(id: string, verb: string, state: DocumentSnapshot["state"]): void {
    this.calls.push(`${verb} ${id}`)
    this.show({
      documents: this.#snapshot.documents.map((document) => (document.id === id ? { ...document, state } : document)),
    })
  }
}

function merged(before: number | undefined, given: number | null | undefined): number | undefined {
  return given === undefined ? before : (given ?? undefined)
}
