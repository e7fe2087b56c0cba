import { crc32 } from "node:zlib"
import { MARK } from "../hashing/hash-jobs.js"
import { Bitfield } from "../torrent/bitfield.js"
import type { FileStamp } from "./file-stamp.js"

/**
 * The bytes of a resume record: which parts of an unfinished download are on disk. Fixed size, written in place:
 *
 *     0      header: magic, version, part count, info hash, CRC-32
 *     4096   slot A: sequence number, stamp, bitfield, CRC-32  } checkpoints, written in turn: one that is torn by a
 *     …      slot B: likewise, 4096-aligned                    } crash leaves the other. The higher sequence counts.
 *     …      marks: one byte per part, set before the part is written
 *
 * A checkpoint is written after the parts it names were synced to disk, so these parts survive a power failure. Its stamp is taken from
 * the file after that sync: while the file has this stamp, it was not written to since, and the checkpoint is believed. An orderly close
 * ends with a checkpoint. With another stamp (a killed client wrote after its last checkpoint; or the file was edited, cut, copied or
 * replaced) every part in the checkpoint or marked is hashed before it counts, and before it is fetched again. A part that is marked and
 * in no checkpoint is always hashed. A part that is in a checkpoint and was found damaged is taken out of it, durably, before it is written
 * again, and so are parts that were cut off before the file gets its size back: their times of change may be lost with the power. So
 * correctness does not depend on the order in which writes reach the disk, and the record does not grow.
 */
export interface RecordBinding {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  readonly partCount: number
}

export interface RecordLayout {
  /** Offsets of slot A and slot B. */
  readonly slotOffsets: readonly [number, number]
  readonly slotBytes: number
  readonly marksOffset: number
  readonly totalBytes: number
}

export interface Checkpoint {
  readonly sequence: number
  /** The unfinished file's, when the parts in `have` were synced. */
  readonly stamp: FileStamp
  readonly have: Bitfield
}

export type DecodedRecord =
  | { readonly ok: true; readonly checkpoint: Checkpoint; readonly marked: (partIndex: number) => boolean }
  | { readonly ok: false; readonly reason: string; readonly kind: RecordFault }

/** "foreign": the file is not proven to be a record of ours, so it is kept; "unusable": it is one, and proves no part. */
export type RecordFault = "foreign" | "other_document" | "unusable"

const MAGIC = Buffer.from("p2p-tui\0", "latin1")
const VERSION = 2
const HEADER_BYTES = 64
const HEADER_CRC_AT = 60
/** Slots start on pages of their own, so that a torn write never reaches the neighbour. */
const PAGE_BYTES = 4096
const SEQUENCE_BYTES = 8
/** Five numbers of 8 bytes. */
const STAMP_BYTES = 40
const HAVE_AT = SEQUENCE_BYTES + STAMP_BYTES
const CRC_BYTES = 4

export function recordLayout(partCount: number): RecordLayout {
  const slotBytes = HAVE_AT + Math.ceil(partCount / 8) + CRC_BYTES
  const slotSpan = Math.ceil(slotBytes / PAGE_BYTES) * PAGE_BYTES
  const marksOffset = PAGE_BYTES + 2 * slotSpan
  const slotOffsets = [PAGE_BYTES, PAGE_BYTES + slotSpan] as const
  return { slotOffsets, slotBytes, marksOffset, totalBytes: marksOffset + partCount }
}

/** Where the slot of this checkpoint stands: they take turns. */
export function slotOffset(layout: RecordLayout, sequence: number): number {
  return layout.slotOffsets[sequence % 2 === 0 ? 0 : 1]
}

/** A whole new record whose only checkpoint, number 0, is `have`, with the mark of every part in it. */
export function encodeRecord(binding: RecordBinding, have: Bitfield, stamp: FileStamp): Uint8Array {
  const layout = recordLayout(binding.partCount)
  const bytes = new Uint8Array(layout.totalBytes)
  bytes.set(encodeHeader(binding))
  bytes.set(encodeSlot(binding, { sequence: 0, have, stamp }), slotOffset(layout, 0))
  bytes.set(encodeMarks(have), layout.marksOffset)
  return bytes
}

/** True when the file that begins with these bytes is a record of ours, of whatever document, version and state. */
export function isRecord(start: Uint8Array): boolean {
  return MAGIC.equals(start.subarray(0, MAGIC.length))
}

/** The slot's checksum is seeded with the header's: bytes of another record are never taken for this one's. */
export function encodeSlot(binding: RecordBinding, checkpoint: Checkpoint): Uint8Array {
  const slot = Buffer.alloc(recordLayout(binding.partCount).slotBytes)
  slot.writeBigUInt64BE(BigInt(checkpoint.sequence), 0)
  encodeStamp(checkpoint.stamp).copy(slot, SEQUENCE_BYTES)
  slot.set(checkpoint.have.bytes, HAVE_AT)
  const checked = slot.subarray(0, slot.length - CRC_BYTES)
  slot.writeUInt32BE(crc32(checked, headerCrc(binding)), checked.length)
  return slot
}

/** The slots of the record `bytes`, from slot A up to the marks, whose checkpoints do not claim these parts any more. */
export function slotsWithout(parts: Iterable<number>, bytes: Uint8Array, binding: RecordBinding): Uint8Array {
  const { slotOffsets, slotBytes, marksOffset } = recordLayout(binding.partCount)
  const slots = Buffer.from(bytes.subarray(slotOffsets[0], marksOffset))
  for (const offset of slotOffsets) {
    const start = offset - slotOffsets[0]
    const checkpoint = decodeSlot(slots.subarray(start, start + slotBytes), binding)
    if (!checkpoint) continue
    for (const partIndex of parts) checkpoint.have.remove(partIndex)
    slots.set(encodeSlot(binding, checkpoint), start)
  }
  return slots
}

/** The marks of a record: set for the parts in `parts` only. */
export function encodeMarks(parts: Bitfield): Uint8Array {
  return Uint8Array.from({ length: parts.partCount }, (_, partIndex) => (parts.has(partIndex) ? MARK : 0))
}

/** Reads a record that is to belong to `binding`. Any bytes are accepted; what proves nothing gives a reason, one sentence. */
export function decodeRecord(content: Uint8Array, binding: RecordBinding): DecodedRecord {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
  const layout = recordLayout(binding.partCount)
  const header = bytes.subarray(0, HEADER_BYTES)
  const fault = headerFault(header, binding)
  if (fault) return fault
  if (bytes.length !== layout.totalBytes)
    return ignored(`the resume record has ${bytes.length} bytes instead of ${layout.totalBytes}`)
  const slots = layout.slotOffsets.map((offset) =>
    decodeSlot(bytes.subarray(offset, offset + layout.slotBytes), binding),
  )
  const [newest] = slots.filter((slot) => slot !== undefined).sort((a, b) => b.sequence - a.sequence)
  if (!newest) return ignored("the resume record is damaged")
  return { ok: true, checkpoint: newest, marked: (partIndex) => bytes[layout.marksOffset + partIndex] !== 0 }
}

function encodeHeader(binding: RecordBinding): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.set(MAGIC)
  header.writeUInt32BE(VERSION, 8)
  header.writeUInt32BE(binding.partCount, 12)
  header.set(binding.infoHash, 16)
  header.writeUInt32BE(crc32(header.subarray(0, HEADER_CRC_AT)), HEADER_CRC_AT)
  return header
}

function headerCrc(binding: RecordBinding): number {
  return encodeHeader(binding).readUInt32BE(HEADER_CRC_AT)
}

function headerFault(header: Buffer, binding: RecordBinding): DecodedRecord | undefined {
  if (!isRecord(header)) return { ok: false, reason: "the file in the resume record's place is none", kind: "foreign" }
  if (header.length < HEADER_BYTES) return ignored("the resume record is cut short")
  const version = header.readUInt32BE(8)
  if (version > VERSION) return ignored(`the resume record has a newer version (${version})`)
  if (crc32(header.subarray(0, HEADER_CRC_AT)) !== header.readUInt32BE(HEADER_CRC_AT))
    return ignored("the resume record is damaged")
  if (!header.subarray(16, 36).equals(binding.infoHash))
    return { ok: false, reason: "the resume record belongs to another document", kind: "other_document" }
  if (version < VERSION) return ignored(`the resume record has an older version (${version})`)
  return header.equals(encodeHeader(binding)) ? undefined : ignored("the resume record is damaged")
}

function decodeSlot(slot: Buffer, binding: RecordBinding): Checkpoint | undefined {
  const checked = slot.subarray(0, slot.length - CRC_BYTES)
  if (crc32(checked, headerCrc(binding)) !== slot.readUInt32BE(checked.length)) return undefined
  const have = Bitfield.fromBytes(binding.partCount, checked.subarray(HAVE_AT))
  const sequence = Number(checked.readBigUInt64BE(0))
  const stamp = decodeStamp(checked.subarray(SEQUENCE_BYTES, HAVE_AT))
  return have && Number.isSafeInteger(sequence) ? { sequence, stamp, have } : undefined
}

function encodeStamp({ sizeBytes, mtimeNs, ctimeNs, birthtimeNs, inode }: FileStamp): Buffer {
  const bytes = Buffer.alloc(STAMP_BYTES)
  for (const [place, value] of [sizeBytes, mtimeNs, ctimeNs, birthtimeNs].entries())
    bytes.writeBigInt64BE(BigInt.asIntN(64, value), 8 * place)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, inode), 32)
  return bytes
}

function decodeStamp(bytes: Buffer): FileStamp {
  return {
    sizeBytes: bytes.readBigInt64BE(0),
    mtimeNs: bytes.readBigInt64BE(8),
    ctimeNs: bytes.readBigInt64BE(16),
    birthtimeNs: bytes.readBigInt64BE(24),
    inode: bytes.readBigUInt64BE(32),
  }
}

function ignored(reason: string): DecodedRecord {
  return { ok: false, reason, kind: "unusable" }
}
