import { stat } from "node:fs/promises"
import { CommandError, StoreError } from "../base/errors.js"
import { Bitfield } from "../torrent/bitfield.js"
import type { FileSelection } from "../torrent/file-selection.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { createLengths, type Lengths } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { CheckHooks } from "./check-parts.js"
import type { Disk } from "./disk.js"
import { unreadable } from "./disk-errors.js"
import { DocumentStore } from "./document-store.js"
import { downloadNames } from "./download-names.js"
import { type FileIdentity, identityFromStats, sameIdentity } from "./file-identity.js"
import { sameStamp } from "./file-stamp.js"
import { folderStamp, lookAtFolder, requireSizes } from "./folder-look.js"
import { folderVerifier } from "./folder-verifier.js"
import { KeptAside } from "./kept-aside.js"
import { PartChecks } from "./part-checks.js"
import { recordBinding } from "./record-binding.js"
import { readResumeRecord } from "./resume-record.js"
import type { WholeContent } from "./whole-content.js"
import { WholeFile } from "./whole-file.js"
import { type FolderVerifier, WholeFolder } from "./whole-folder.js"

export interface OpenSeedOptions extends CheckHooks {
  readonly disk: Disk
  readonly torrent: Torrent
  /** Absolute. */
  readonly filePath: string
  /** The file as it was when it was last verified whole: when it still is, nothing is hashed. */
  readonly remembered?: FileIdentity | undefined
  /** Of a folder: files that are missing or have another size take their parts with them, and the others are served. */
  readonly partly?: boolean | undefined
  /** Of a folder: its wanted files; undefined: all. */
  readonly selection?: FileSelection | undefined
  /** Receives the identity to store after the file was hashed again while it was served. */
  readonly onIdentity?: ((identity: FileIdentity) => void) | undefined
}

/**
 * Opens a finished file or folder to serve it. Unless it is known to be unchanged, it is hashed first; `have` then holds the good parts, and
 * `have.isFull` shows whether it is the document.
 * @throws CommandError "no_such_file", "not_readable", "not_a_file"; StoreError "file_replaced" when its size differs, "file_changed"
 * when it changes while it is hashed.
 */
export async function openSeed(options: OpenSeedOptions): Promise<DocumentStore> {
  const { disk, torrent, filePath, remembered, onIdentity, selection } = options
  const lengths = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  const have = new Bitfield(lengths.partCount)
  const verifier = folderVerifier(new PartChecks({ disk, torrent, lengths }), lengths, have)
  const file = await (torrent.files ? openFolder(options, torrent.files, verifier) : openFile(options))
  const known = remembered !== undefined && sameIdentity(file.identity, remembered)
  const recorded = known ? await recordedParts(options, lengths, file) : undefined
  recorded?.forEachBeyond(undefined, (index) => have.add(index))
  const wanted = selection?.parts(lengths)
  const store = new DocumentStore({ disk, torrent, lengths, filePath, have, file, wanted, onIdentity })
  if (recorded === undefined) await store.check(options)
  if (file instanceof WholeFolder) file.withdrawOtherSizes()
  return store
}

/** The parts of content that looks as it did when it was verified: all, or those that the record beside it names. */
async function recordedParts(
  { torrent, filePath, remembered }: OpenSeedOptions,
  lengths: Lengths,
  file: WholeContent,
): Promise<Bitfield | undefined> {
  if (remembered?.partial !== true) return Bitfield.full(lengths.partCount)
  if (torrent.files === undefined) return undefined
  const record = await readResumeRecord(downloadNames(filePath).record, recordBinding(torrent))
  const root = await stat(filePath, { bigint: true })
  if (!record?.ok) return undefined
  const isOfNow = sameStamp(record.checkpoint.stamp, folderStamp(root, torrent.files, file.identity))
  return isOfNow ? record.checkpoint.have : undefined
}

async function openFile({ disk, torrent, filePath }: OpenSeedOptions): Promise<WholeContent> {
  const identity = await regularFileIdentity(filePath)
  if (identity.sizeBytes !== torrent.sizeBytes) {
    const what = `${filePath}: it has ${identity.sizeBytes} bytes, its torrent file says ${torrent.sizeBytes}`
    throw new StoreError("file_replaced", what)
  }
  return new WholeFile(disk, filePath, identity)
}

async function openFolder(
  { disk, filePath: path, partly, selection }: OpenSeedOptions,
  layout: FolderLayout,
  verifier: FolderVerifier,
): Promise<WholeContent> {
  const asidePath = downloadNames(path).aside
  const look = await lookAtFolder(disk.hasher, path, layout, { followLinks: true, asidePath: selection && asidePath })
  const kept = selection && KeptAside.of(asidePath, layout, look.stats, selection)
  if (!partly) requireSizes(path, layout, look.stats, (index) => kept?.has(index) === true)
  return new WholeFolder({ ...look, disk, path, layout, verifier, kept })
}

async function regularFileIdentity(path: string): Promise<FileIdentity> {
  const stats = await stat(path, { bigint: true }).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  if (!stats.isFile()) throw new CommandError("not_a_file", `${path}: not a regular file`)
  return identityFromStats(stats)
}
