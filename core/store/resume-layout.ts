import { crc32 } from "node:zlib"
import { MARK } from "../hashing/hash-jobs.js"
import { Bitfield } from "../torrent/bitfield.js"

/**
 * The bytes of a resume record: which parts of an unfinished download are on disk. Fixed size, written in place:
 *
 *     0      header: magic, version, part count, info hash, inode of the unfinished file, CRC-32
 *     4096   slot A: sequence number, bitfield, CRC-32         } checkpoints, written in turn: one that is torn by a
 *     …      slot B: likewise, 4096-aligned                    } crash leaves the other. The higher sequence counts.
 *     …      marks: one byte per part, set before the part is written
 *
 * A checkpoint is written after the parts it names were synced to disk, so a part in it is really there, also after a
 * power cut. A part that is marked but in no checkpoint may be there: it is hashed before it is fetched again. So
 * nothing depends on the order in which single writes reach the disk, and nothing grows.
 */
export interface RecordBinding {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  readonly partCount: number
  /** Of the unfinished file: a record beside a file that was copied or replaced proves nothing. */
  readonly inode: bigint
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
  readonly have: Bitfield
}

export type DecodedRecord =
  | { readonly ok: true; readonly checkpoint: Checkpoint; readonly marked: (partIndex: number) => boolean }
  | { readonly ok: false; readonly reason: string; readonly otherDocument: boolean }

const MAGIC = Buffer.from("p2p-tui\0", "latin1")
const VERSION = 1
const HEADER_BYTES = 64
const HEADER_CRC_AT = 60
/** Slots start on pages of their own, so that a torn write never reaches the neighbour. */
const PAGE_BYTES = 4096
const SEQUENCE_BYTES = 8
const CRC_BYTES = 4

export function recordLayout(partCount: number): RecordLayout {
  const slotBytes = SEQUENCE_BYTES + Math.ceil(partCount / 8) + CRC_BYTES
  const slotSpan = Math.ceil(slotBytes / PAGE_BYTES) * PAGE_BYTES
  const marksOffset = PAGE_BYTES + 2 * slotSpan
  const slotOffsets = [PAGE_BYTES, PAGE_BYTES + slotSpan] as const
  return { slotOffsets, slotBytes, marksOffset, totalBytes: marksOffset + partCount }
}

/** Where the slot of this checkpoint stands: they take turns. */
export function slotOffset(layout: RecordLayout, sequence: number): number {
  return layout.slotOffsets[sequence % 2 === 0 ? 0 : 1]
}

/** A whole new record whose only checkpoint, number 0, is `have`. */
export function encodeRecord(binding: RecordBinding, have: Bitfield): Uint8Array {
  const layout = recordLayout(binding.partCount)
  const bytes = new Uint8Array(layout.totalBytes)
  bytes.set(encodeHeader(binding))
  bytes.set(encodeSlot(binding, { sequence: 0, have }), slotOffset(layout, 0))
  return bytes
}

/** The slot's checksum is seeded with the header's: bytes of another record are never taken for this one's. */
export function encodeSlot(binding: RecordBinding, checkpoint: Checkpoint): Uint8Array {
  const slot = Buffer.alloc(recordLayout(binding.partCount).slotBytes)
  slot.writeBigUInt64BE(BigInt(checkpoint.sequence), 0)
  slot.set(checkpoint.have.bytes, SEQUENCE_BYTES)
  const checked = slot.subarray(0, slot.length - CRC_BYTES)
  slot.writeUInt32BE(crc32(checked, headerCrc(binding)), checked.length)
  return slot
}

/** The marks of a record: of the parts in `parts`, and of no other. */
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
  header.writeBigUInt64BE(BigInt.asUintN(64, binding.inode), 36)
  header.writeUInt32BE(crc32(header.subarray(0, HEADER_CRC_AT)), HEADER_CRC_AT)
  return header
}

function headerCrc(binding: RecordBinding): number {
  return encodeHeader(binding).readUInt32BE(HEADER_CRC_AT)
}

function headerFault(header: Buffer, binding: RecordBinding): DecodedRecord | undefined {
  if (header.length < HEADER_BYTES) return ignored("the resume record is cut short")
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) return ignored("the resume record is damaged")
  const version = header.readUInt32BE(8)
  if (version > VERSION) return ignored(`the resume record is of a newer version (${version})`)
  if (crc32(header.subarray(0, HEADER_CRC_AT)) !== header.readUInt32BE(HEADER_CRC_AT))
    return ignored("the resume record is damaged")
  if (!header.subarray(16, 36).equals(binding.infoHash))
    return { ok: false, reason: "the resume record is of another document", otherDocument: true }
  if (!header.equals(encodeHeader(binding))) return ignored("the unfinished file was copied or replaced")
  return undefined
}

function decodeSlot(slot: Buffer, binding: RecordBinding): Checkpoint | undefined {
  const checked = slot.subarray(0, slot.length - CRC_BYTES)
  if (crc32(checked, headerCrc(binding)) !== slot.readUInt32BE(checked.length)) return undefined
  const have = Bitfield.fromBytes(binding.partCount, checked.subarray(SEQUENCE_BYTES))
  const sequence = Number(checked.readBigUInt64BE(0))
  return have && Number.isSafeInteger(sequence) ? { sequence, have } : undefined
}

function ignored(reason: string): DecodedRecord {
  return { ok: false, reason, otherDocument: false }
}
