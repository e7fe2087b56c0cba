import type { CommandOptions } from "../base/until-aborted.js"
import type { EventListener } from "./events.js"
import type { TreePage, TreeQuery } from "./file-tree.js"
import type { FileChoice, FilesPage, FilesQuery } from "./selection.js"
import type { ClientSnapshot, DocumentDetail, DocumentSnapshot, Limits, PartRange } from "./snapshot.js"
import type { SwarmStatus } from "./swarm-status.js"

export type { CommandOptions } from "../base/until-aborted.js"

/** A tracker that wants a token. */
export interface TrackerAccess {
  readonly url: string
  readonly token?: string
  /**
   * It runs on this machine and listens on every address ("0.0.0.0" in a config), and this client asks it over loopback. Announces and
   * links then carry the address at which other machines reach this one.
   */
  readonly isHere?: boolean
}

/** How a client is opened. Every path is absolute. */
export interface ClientOptions {
  /** Folder of torrent files and shared files; everything in it is seeded. */
  readonly serviceFolder: string
  /** Folder for this client's persistent state; default `<serviceFolder>/.p2p-tui`. */
  readonly stateFolder?: string
  /** Where it listens for peers. Port 0 takes any free one; with `orAnyPort` that is also done when the port is in use. */
  readonly listen: { readonly host: string; readonly port: number; readonly orAnyPort?: boolean }
  /** The address announced to trackers and peers, if others reach this client elsewhere than it listens (NAT, container). */
  readonly announce?: { readonly host?: string; readonly port?: number }
  /** Base URLs ("http://127.0.0.1:5000"); the first that answers is used. May be empty: then peers come from other places. */
  readonly trackers: readonly (string | TrackerAccess)[]
  /** True while the tracker runs inside this process; shown, nothing else. */
  readonly ownsTracker?: () => boolean
  /**
   * Of a client without trackers: called before its first upload is registered, and at the start of a client that has such uploads. Starts
   * a tracker and resolves to where it is, or to undefined where it could not and has reported that: the upload then has none. `port`: where
   * it was in an earlier run.
   */
  readonly startTracker?: (port: number | undefined) => Promise<TrackerAccess | undefined>
  /** Hosts that may have any of the documents (`parseHostLists`). */
  readonly peers?: readonly { readonly host: string; readonly port: number }[]
  /** False: no document is announced on the local network, and none found there. Default true. */
  readonly lan?: boolean
  readonly limits?: Partial<Limits>
  /** Torrent files that come into the service folder, or leave it, while the client runs are heeded. Default false. */
  readonly watch?: boolean
  /** Name shown to peers, default "p2p-tui/<version>". */
  readonly userAgent?: string
  readonly onEvent?: EventListener
}

/**
 * A running client. Commands reject with a P2pError that names the fault, and leave no partial result. Each takes a signal; aborting it
 * makes the command reject with CommandError "interrupted".
 */
export interface Client {
  /** The real address, after port 0 was resolved. */
  readonly listening: { readonly host: string; readonly port: number }

  /** The current state. Cheap; returns the same object until something changes. */
  snapshot(): ClientSnapshot

  /** Parts and peers of one document, and which peers have parts of `range`; undefined when there is no document with this id. */
  detail(id: string, range?: PartRange): DocumentDetail | undefined

  /**
   * A page of the files of one document, or undefined when there is none with this id. Cheap: a filter or an order is worked out when it
   * changes, and else a page costs its rows. @throws CommandError "bad_argument".
   */
  files(id: string, query: FilesQuery): FilesPage | undefined

  /**
   * The same as a tree whose folders are open or closed. Takes some milliseconds with 300,000 files: what takes longer is worked out
   * meanwhile, and the snapshot changes when it is there. @throws CommandError "bad_argument".
   */
  tree(id: string, query: TreeQuery): TreePage | undefined

  /** Called (at most once a turn of the event loop) after something in the snapshot may have changed. Returns its undo. */
  onChange(listener: () => void): () => void

  /**
   * Hashes `file`, a file or a folder, registers it with the tracker, writes `torrent`, and seeds. Paths as the user typed them. An existing
   * `torrent` is never replaced: it must be the torrent file of this document, which is shared again. What is being hashed when the client
   * closes goes on at the next start; `cancel` ends it for good.
   */
  upload(request: UploadRequest, options?: CommandOptions): Promise<UploadResult>

  /**
   * Starts or resumes a download; `done` settles when every part is verified and the file has its final name. An interrupted download
   * stays in the list and can be resumed.
   */
  download(request: DownloadRequest, options?: CommandOptions): Promise<DownloadHandle>

  /**
   * Changes which files of a folder document are wanted, during a download and after it; undefined: all. Resolves when the new selection is
   * in force: what it lacks is then fetched. A file that is there already stays. @throws CommandError "not_a_folder", "not_downloaded" for
   * a folder of the user's, "no_such_file" for a pattern that matches nothing, "bad_argument" for a bad pattern or number, and for a
   * selection without a file.
   */
  select(id: string, choice: FileChoice | undefined, options?: CommandOptions): Promise<void>

  /** Writes a standard metainfo (.torrent) file of an open document; a private one, or a file in its place, is refused. Returns where it was written. */
  export(torrent: string, metainfo: string, options?: CommandOptions): Promise<string>

  /** Stops all transfers of a document (its bytes and its place in the list stay), or, by the id of its job, the hashing for an upload. */
  pause(id: string, options?: CommandOptions): Promise<void>
  resume(id: string, options?: CommandOptions): Promise<void>

  /** Hashes the data on disk again; missing or damaged parts are fetched again. Resolves when the check is over. */
  recheck(id: string, options?: CommandOptions): Promise<void>

  /**
   * Fetches the damaged parts of a document's file from peers. The file stays as it is until all is there, and is then replaced.
   * @throws CommandError "own_file" for one that this client did not download, without `replaceOwn`; "target_exists" where nothing of it is of
   * the document, or it can't be replaced (a link).
   */
  repair(id: string, options?: RepairOptions): Promise<DownloadHandle>

  /**
   * Removes a document from the list. Its finished file always stays; `discardUnfinished` deletes the bytes of an unfinished download. If
   * that fails, the command rejects and the document is removed nevertheless.
   */
  remove(id: string, options?: RemoveOptions): Promise<RemoveResult>

  /**
   * Asks the trackers of a document how far its machines are. Rejects with a TrackerError when none of them answers; "status_unsupported":
   * they are too old for it, or no trackers of this project.
   */
  status(id: string, options?: StatusOptions): Promise<SwarmStatus>

  /** Ends the hashing for an upload, by the id of its job: the upload rejects with "interrupted". @throws CommandError "no_such_document". */
  cancel(jobId: string): void

  /**
   * Limits all documents together, or the one with that id besides. Undefined fields stay unchanged; null removes a limit. Kept for the next
   * run. @throws CommandError "bad_limit" for a rate of 0 or less, "no_such_document".
   */
  setLimits(limits: LimitChange, id?: string): void

  /** The link of a document, by its id. @throws CommandError "no_such_document". */
  link(id: string): string

  /** Finds documents by uuid, unambiguous uuid prefix, name, or path as typed. Rejects when none or several match. */
  find(word: string): DocumentSnapshot

  /** Resolves when the state on disk of the documents listed at the start is known, after one second at the latest. */
  opened(options?: CommandOptions): Promise<void>

  /** Another tracker may have taken the place of the config's: what is announced there alone is announced now. */
  announceAgain(): void

  /** Announces "stopped", writes the persistent state, closes everything. May be called twice. */
  close(): Promise<void>
}

export interface StatusOptions extends CommandOptions {
  /** Most machines, 0 for the sums alone; default 1,000, at most 10,000. */
  readonly limit?: number
}

/** Bytes per second. */
export interface LimitChange {
  readonly downBytesPerSecond?: number | null
  readonly upBytesPerSecond?: number | null
}

export interface RepairOptions extends CommandOptions {
  /** Also a file of the user's, whose change may be meant. */
  readonly replaceOwn?: boolean
}

export interface RemoveOptions extends CommandOptions {
  readonly discardUnfinished?: boolean
}

export interface RemoveResult {
  /** Bytes of an unfinished download were deleted. */
  readonly discarded: boolean
}

export interface UploadRequest {
  /** A file or a folder. */
  readonly file: string
  /** Where its torrent file is written; default: `<name>.torrent.json` in the service folder. */
  readonly torrent?: string
  /** True: an open document, which any BitTorrent client may join. Default false (private). */
  readonly open?: boolean
}

export interface UploadResult {
  readonly id: string
  readonly torrentPath: string
  /** Whether it became an open document. */
  readonly open: boolean
  /** False: `torrent` was there already and describes `file`, so that one is shared again and nothing was written. */
  readonly isNew: boolean
  /** Folders in an uploaded folder that hold nothing: they are not carried. */
  readonly emptyFolders: number
  /** The document's link. That of a private document holds its key: every owner of the link is a member. */
  readonly link: string
}

export interface DownloadRequest {
  /** A torrent file of ours, a standard .torrent with an http(s) tracker, or a link. */
  readonly torrent: string
  /** Where to write, a file or a folder; default: the torrent's name in the service folder. */
  readonly file?: string
  /** Of a folder: patterns for the files that are wanted; by default the remembered ones, and all at the first time. */
  readonly only?: readonly string[]
  /** A file or folder that stands there and differs is the start of the download, and is replaced when that is complete. */
  readonly repair?: boolean
}

/** The verified parts on disk when a download starts. */
export interface FoundOnDisk {
  /** Wanted parts that are on disk, and verified. */
  readonly reusedParts: number
  /** Wanted parts. */
  readonly partCount: number
  /** Bytes of the wanted parts. */
  readonly sizeBytes: number
}

export interface DownloadHandle {
  readonly id: string
  /** Of a link: its id when the description has come, which is another one when another program made the torrent. */
  readonly begun?: Promise<string>
  /** Undefined for a link: `foundLater` has it. */
  readonly found: FoundOnDisk | undefined
  /** Of a link: when the description of the document has come from peers, and what is on disk was checked. Settles before `done`. */
  readonly foundLater?: Promise<FoundOnDisk>
  /** The file bears its own name, and every part of it is checked. */
  readonly done: Promise<DownloadResult>
  /** Resolves once data, name and directory entry are synced to disk: the result survives a power failure. */
  readonly durable: Promise<DownloadResult>
}

export interface DownloadResult {
  readonly id: string
  readonly filePath: string
  /** Bytes of the wanted files. */
  readonly sizeBytes: number
  /** Where not every file of a folder is wanted: how many are, and how many it has. */
  readonly selected?: { readonly files: number; readonly ofFiles: number }
  /** Payload fetched in this session, bytes. */
  readonly fetchedBytes: number
}
