import type { BigIntStats } from "node:fs"
import { lstat, mkdir, readdir } from "node:fs/promises"
import { StoreError } from "../base/errors.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { bytesOfParts, createLengths, type Lengths } from "../torrent/lengths.js"
import { isCovered } from "./claimed-runs.js"
import { DocumentStore } from "./document-store.js"
import { type DownloadNames, downloadNames } from "./download-names.js"
import type { FileStamp } from "./file-stamp.js"
import { entriesOf, foldersAbove } from "./folder-files.js"
import { type FolderLook, folderStamp, lookAtFolder, lookAtNothing } from "./folder-look.js"
import { folderVerifier } from "./folder-verifier.js"
import { requireNamesApart } from "./folding-names.js"
import { GrowingDocument } from "./growing-document.js"
import { GrowingFolder } from "./growing-folder.js"
import { KeptAside } from "./kept-aside.js"
import type { Lock } from "./lock.js"
import { dropDrafts, moveIn } from "./move-aside.js"
import { setAside } from "./move-file.js"
import {
  claims,
  type Found,
  forgetRecord,
  goodParts,
  inTheWay,
  nothing,
  notOurs,
  type OpenDownloadOptions,
  type Opening,
} from "./open-unfinished.js"
import { OwnFiles } from "./own-files.js"
import { PartChecks } from "./part-checks.js"
import { recordBinding } from "./record-binding.js"
import { nothingInCommon, type Repair } from "./repair.js"
import { agreedNow, requireReplaceable, unshare } from "./repair-folder.js"
import type { DecodedRecord } from "./resume-layout.js"
import { ResumeRecord, readResumeRecord, unlinkIfThere } from "./resume-record.js"
import { syncFileSystem } from "./sync-file-system.js"
import { requireSpace, statsIfThere } from "./unfinished-file.js"

/**
 * Opens or creates the folder that a download grows in. An existing folder is accepted only with a record of the document, with a good
 * part, or empty.
 * @throws CommandError "target_exists"; StoreError "name_too_long", "names_collide", "disk_full"; rejects with system errors.
 */
export async function openUnfinishedFolder(
  options: OpenDownloadOptions,
  layout: FolderLayout,
  lock: Lock,
): Promise<DocumentStore> {
  const { disk, torrent, filePath, selection, onIdentity } = options
  const names = downloadNames(filePath)
  const lengths = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  const opening: Opening = { options, names, lengths, binding: recordBinding(torrent) }
  requireShortNames(filePath, layout)
  const recordThere = await readResumeRecord(names.record, opening.binding)
  const isNew = (await statsIfThere(names.part)) === undefined
  const record = isNew ? undefined : recordThere
  if (isNew) {
    if (recordThere) await forgetRecord(names, recordThere)
    await requireNoAside(names, recordThere)
    await mkdir(names.part, torrent.secret ? 0o700 : 0o777)
  }
  const root = await lstat(names.part, { bigint: true })
  if (!root.isDirectory()) throw inTheWay(names.part, "something that is no folder is in the way")
  await requireNamesApart(names.part, layout)
  const seen = isNew
    ? await lookAtNothing(layout, root.ino)
    : await lookAtFolder(disk.hasher, names.part, layout, { followLinks: false, asidePath: names.aside })
  const judged = await judge(opening, layout, { root, look: seen, record })
  const repairing = options.repair && (await settleRepair(opening, layout, { judged, seen }, options.repair))
  const { found, look } = repairing ?? { found: judged, look: seen }
  const wanted = selection?.parts(lengths)
  await requireSpace(filePath, await missingBytes(opening, layout, look), disk.calls)
  const moved = await takeIn(opening, layout, look, found)
  const isStamped = found.isStamped && moved.length === 0
  const stamp = folderStamp(root, layout, isStamped ? look.identity : undefined)
  const there = [...(await entriesThere(layout, look)), ...moved]
  const resumed = await (found.checkpoint === undefined
    ? createRecord(opening, layout, there, { have: found.have, stamp })
    : ResumeRecord.reopen(names.record, disk, opening.binding, found.checkpoint))
  const { have, doubtful, problem } = found
  const verifier = folderVerifier(new PartChecks({ disk, torrent, lengths }), lengths, have)
  const isPrivate = torrent.secret !== undefined
  const unsynced = isStamped ? [] : there
  const { ino: inode } = root
  const aside = KeptAside.of(names.aside, layout, look.stats, selection)
  const content = new GrowingFolder({
    ...{ disk, path: names.part, filePath, layout, lengths, selection, aside, draftsPath: names.drafts },
    ...{ inode, isPrivate, unsynced, verifier, replaces: repairing?.replaces },
  })
  const file = new GrowingDocument({ disk, content, record: resumed, isStamped, lock, have })
  return new DocumentStore({
    ...{ disk, torrent, lengths, filePath, have, file, doubtful, wanted },
    recordProblem: problem,
    onIdentity,
  })
}

/** Knows all that is right in the unfinished folder, and leaves no file with missing parts that is one of the damaged folder too. */
async function settleRepair(
  opening: Opening,
  layout: FolderLayout,
  { judged, seen }: { readonly judged: Found; readonly seen: FolderLook },
  repair: Repair,
) {
  const { options, names, lengths } = opening
  const { disk, filePath } = options
  const place = { filePath, part: names.part, drafts: names.drafts, layout, disk }
  const source = { kind: "folder", root: names.part, layout, isGrowing: true } as const
  const isKnown = judged.isStamped || judged.checkpoint === undefined
  const have = isKnown ? judged.have : await goodParts(opening, source)
  // One that is too long is cut at the end.
  const isRight = (index: number) =>
    seen.stats.sizeOf(index) === layout.sizeOf(index) && isCovered(layout, lengths, index, have)
  const copied = await unshare(place, await entriesOf(layout, (index) => !isRight(index)))
  // A file may have been changed between the hash and the copy.
  const doubtful = copied.flatMap((index) => partsOf(layout, lengths, index)).filter((part) => have.has(part))
  const again = [...new Set(doubtful)].sort((a, b) => a - b)
  const good = await goodParts(opening, source, again)
  for (const part of again) if (!good.has(part)) have.remove(part)
  await requireReplaceable(place)
  const { old } = repair
  const agreed = await agreedNow(place, old && "folderChangedMs" in old ? old.folderChangedMs : undefined)
  repair.onOld({ folderChangedMs: agreed.folderChangedMs })
  const isStamped = judged.isStamped && copied.length === 0
  const problem = old === undefined ? undefined : judged.problem
  const found: Found = isStamped ? judged : { ...nothing(lengths.partCount), have, problem }
  return { found, look: agreed.own, replaces: { place, agreed, own: new OwnFiles(place) } }
}

function partsOf(layout: FolderLayout, { partSizeBytes }: Lengths, index: number): number[] {
  const [first, end] = [Math.floor(layout.offsetOf(index) / partSizeBytes), layout.offsetOf(index + 1) / partSizeBytes]
  return Array.from({ length: Math.max(0, Math.ceil(end) - first) }, (_, at) => first + at)
}

/** Of a new download: a file of another program in the place of its own is not written to. */
async function requireNoAside(names: DownloadNames, record: DecodedRecord | undefined): Promise<void> {
  if (record?.ok === true) return unlinkIfThere(names.aside)
  if ((await statsIfThere(names.aside)) !== undefined)
    throw inTheWay(names.aside, "a file that this download did not write is in the place of one of its own")
}

/** Wanted files whose bytes were kept aside get their place in the folder. Resolves to them. */
async function takeIn(
  { options, names, lengths }: Opening,
  layout: FolderLayout,
  { stats, aside: asideStats }: FolderLook,
  { have, doubtful }: Found,
): Promise<number[]> {
  await dropDrafts(names.drafts)
  if (asideStats === undefined) return []
  const { selection, disk, onMoved = () => undefined } = options
  const parts = have.clone()
  for (const part of doubtful) parts.add(part)
  const aside = new KeptAside(names.aside, layout)
  const wanted = await entriesOf(layout, (index) => stats.sizeOf(index) < 0 && selection?.has(index) !== false)
  const place = { root: names.part, drafts: names.drafts, layout, lengths, aside, hasher: disk.hasher }
  return moveIn(place, wanted, parts, onMoved)
}

/** Longest name that the file systems of Linux and macOS take, bytes. */
const MAX_NAME_BYTES = 255

function requireShortNames(filePath: string, layout: FolderLayout): void {
  for (let index = 0; index < layout.entryCount; index++) {
    const path = layout.path(index)
    // A UTF-16 unit takes at most three bytes.
    if (layout.isPadding(index) || path.length * 3 <= MAX_NAME_BYTES) continue
    const long = path.split("/").find((name) => Buffer.byteLength(name) > MAX_NAME_BYTES)
    if (long !== undefined)
      throw new StoreError(
        "name_too_long",
        `${filePath}/${layout.path(index)}: a name in it has more than ${MAX_NAME_BYTES} bytes`,
      )
  }
}

interface Seen {
  readonly root: BigIntStats
  readonly look: FolderLook
  readonly record: DecodedRecord | undefined
}

async function judge(opening: Opening, layout: FolderLayout, { root, look, record }: Seen): Promise<Found> {
  const { names, lengths, options } = opening
  if (record?.ok) return claims(lengths, record, folderStamp(root, layout, look.identity))
  const fault = record?.kind
  if (fault === "other_document") throw inTheWay(names.part, "it holds an unfinished download of another document")
  if ((await readdir(names.part)).length === 0 && fault !== "foreign") return nothing(lengths.partCount)
  const kept = look.aside && new KeptAside(names.aside, layout)
  kept?.keepMissing(layout, look.stats, () => true)
  const have = await goodParts(opening, { kind: "folder", root: names.part, layout, isGrowing: true, aside: kept })
  if (have.count === 0 && fault !== "unusable")
    throw options.repair ? nothingInCommon(options.filePath) : notOurs(names)
  const aside = fault === "foreign" ? `; it is kept as ${await setAside(names.record)}` : ""
  const problem = record === undefined ? "there is no resume record" : record.reason
  return { ...nothing(lengths.partCount), have, problem: problem + aside }
}

/** Verified parts may still be in memory only; the record may name them once they are on disk. */
async function createRecord(
  { options, names, binding }: Opening,
  layout: FolderLayout,
  there: readonly number[],
  checkpoint: { readonly have: Bitfield; readonly stamp: FileStamp },
): Promise<ResumeRecord> {
  const { disk, torrent, drafts } = options
  if (checkpoint.have.count > 0 && !(await syncFileSystem(names.part))) {
    await new KeptAside(names.aside, layout).sync()
    const files = there.map((index) => layout.path(index))
    await disk.hasher.syncFiles({ root: names.part, files, folders: foldersAbove(files) })
  }
  const mode = torrent.secret ? 0o600 : 0o666
  return ResumeRecord.create(names.record, disk, binding, { ...checkpoint, mode, drafts })
}

/** Entries that have a file on disk. */
function entriesThere(layout: FolderLayout, { stats }: FolderLook): Promise<number[]> {
  return entriesOf(layout, (index) => stats.sizeOf(index) >= 0)
}

/** Bytes that the wanted parts do not take yet. */
async function missingBytes(
  { options, lengths }: Opening,
  layout: FolderLayout,
  { stats, aside }: FolderLook,
): Promise<number> {
  const { selection } = options
  let missing = 0
  let wantedBytes = 0
  for (const index of await entriesOf(layout, (each) => selection?.has(each) !== false)) {
    wantedBytes += layout.sizeOf(index)
    missing += Math.max(0, layout.sizeOf(index) - Math.max(0, stats.sizeOf(index)))
  }
  if (selection === undefined) return missing
  // The rest of the wanted parts goes into the sparse file beside the folder (blocks of 512 bytes, stat(2)).
  const besideBytes = bytesOfParts(lengths, selection.parts(lengths)) - wantedBytes
  return missing + Math.max(0, besideBytes - 512 * Number(aside?.blocks ?? 0n))
}
