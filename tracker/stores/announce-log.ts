import { COMPACT4_BYTES, COMPACT6_BYTES, type CompactPeer } from "../peers/compact.js"
import { UNKNOWN_LEFT } from "../peers/table-record.js"

/** What an announce changed, in the form that is shared with other tracker processes and the next run. */
export interface LoggedAnnounce {
  readonly hash: string
  readonly peer: CompactPeer
  /** Bytes it lacks, or UNKNOWN_LEFT. */
  readonly left: number
  /** "gone": it left in a run of the tracker before. */
  readonly what: "here" | "stopped" | "gone"
}

/*
 * A batch: 4 bytes of the writing process' number, then entries of 16 bytes uuid, 1 byte flags (bit 0 IPv6, bit 1
 * seeder, bit 2 stopped, bit 3 with bytes left, bit 4 gone), the compact peer, and with bit 3 the 6 bytes it lacks. Our own format,
 * read by this file alone. The first layout had no bits 3 and 4.
 */
const WRITER_BYTES = 4
const UUID_BYTES = 16
const FLAG_IPV6 = 1
const FLAG_SEEDER = 2
const FLAG_STOPPED = 4
const FLAG_LEFT = 8
const FLAG_GONE = 16
const LEFT_BYTES = 6
const MAX_LEFT = 2 ** 48 - 1
const MAX_ENTRY_BYTES = UUID_BYTES + 1 + COMPACT6_BYTES + LEFT_BYTES

/**
 * Bytes of one batch at most, so that a file whose old batches are removed has room for new ones in their pages: with the
 * header of its page it fills 16 pages of 4 KiB.
 */
const MAX_BATCH_BYTES = 16 * 4096 - 64

/** Collects announces until they are written out. Beyond its capacity it drops them: their peers announce again. */
export class AnnounceBatches {
  readonly #bytes: Buffer
  readonly #header = Buffer.alloc(WRITER_BYTES)
  #length = 0
  /** Where the batch that is being filled begins, and behind them those that are full. */
  #starts = [0]

  /** `writer`: number of this process, 32 bits. */
  constructor(writer: number, capacityBytes: number) {
    this.#bytes = Buffer.allocUnsafe(capacityBytes)
    this.#header.writeUInt32BE(writer)
  }

  get isEmpty(): boolean {
    return this.#length === 0
  }

  append(entry: LoggedAnnounce): void {
    if (this.#length + MAX_ENTRY_BYTES > this.#bytes.length) return
    const [start = 0] = this.#starts
    if (this.#length - start + MAX_ENTRY_BYTES + WRITER_BYTES > MAX_BATCH_BYTES) this.#starts.unshift(this.#length)
    const flags =
      (entry.peer.length === COMPACT6_BYTES ? FLAG_IPV6 : 0) |
      (entry.left === 0 ? FLAG_SEEDER : 0) |
      (entry.left > 0 ? FLAG_LEFT : 0) |
      (entry.what === "stopped" ? FLAG_STOPPED : 0) |
      (entry.what === "gone" ? FLAG_GONE : 0)
    this.#length += writeUuid(this.#bytes, this.#length, entry.hash)
    this.#bytes[this.#length++] = flags
    this.#bytes.set(entry.peer, this.#length)
    this.#length += entry.peer.length
    if (entry.left > 0) this.#length = this.#bytes.writeUIntBE(Math.min(entry.left, MAX_LEFT), this.#length, LEFT_BYTES)
  }

  /** Copies of what was collected, in order. */
  all(): Buffer[] {
    if (this.isEmpty) return []
    const starts = this.#starts.toReversed()
    return starts.map((start, index) =>
      Buffer.concat([this.#header, this.#bytes.subarray(start, starts[index + 1] ?? this.#length)]),
    )
  }

  clear(): void {
    this.#length = 0
    this.#starts = [0]
  }
}

/** Number of the process that wrote a batch, or undefined for bytes that are no batch. */
export function writerOf(batch: Buffer): number | undefined {
  return batch.length < WRITER_BYTES ? undefined : batch.readUInt32BE(0)
}

/** Reads a batch; what is cut off at its end is left out. */
export function* readBatch(batch: Buffer): Generator<LoggedAnnounce> {
  let at = WRITER_BYTES
  while (at + UUID_BYTES < batch.length) {
    const hash = readUuid(batch, at)
    const flags = batch[at + UUID_BYTES] ?? 0
    const peerAt = at + UUID_BYTES + 1
    const leftAt = peerAt + ((flags & FLAG_IPV6) === 0 ? COMPACT4_BYTES : COMPACT6_BYTES)
    at = leftAt + ((flags & FLAG_LEFT) === 0 ? 0 : LEFT_BYTES)
    if (at > batch.length) return
    const without = (flags & FLAG_SEEDER) === 0 ? UNKNOWN_LEFT : 0
    const left = at === leftAt ? without : batch.readUIntBE(leftAt, LEFT_BYTES)
    yield { hash, peer: batch.subarray(peerAt, leftAt), left, what: whatOf(flags) }
  }
}

function whatOf(flags: number): LoggedAnnounce["what"] {
  if ((flags & FLAG_STOPPED) !== 0) return "stopped"
  return (flags & FLAG_GONE) === 0 ? "here" : "gone"
}

/** 16 bytes of a uuid, as a key. */
export function uuidBytes(uuid: string): Buffer {
  const bytes = Buffer.allocUnsafe(UUID_BYTES)
  writeUuid(bytes, 0, uuid)
  return bytes
}

/** The uuid of such a key. */
export function uuidOf(key: Buffer): string {
  return readUuid(key, 0)
}

/** By hand, because it is done for every announce; `uuid` is lower case. */
function writeUuid(out: Buffer, at: number, uuid: string): number {
  let place = 0
  for (let byte = at; byte < at + UUID_BYTES; byte++) {
    if (uuid.charCodeAt(place) === DASH) place++
    out[byte] = (hexDigit(uuid.charCodeAt(place)) << 4) | hexDigit(uuid.charCodeAt(place + 1))
    place += 2
  }
  return UUID_BYTES
}

const [DASH, DIGIT_0, DIGIT_9, LETTER_A] = [0x2d, 0x30, 0x39, 0x61]

function hexDigit(code: number): number {
  return code <= DIGIT_9 ? code - DIGIT_0 : code - LETTER_A + 10
}

function readUuid(bytes: Buffer, at: number): string {
  const hex = bytes.toString("hex", at, at + UUID_BYTES)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
