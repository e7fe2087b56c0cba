/** What travels between the hasher and its worker threads: one message per job each way. */
export const JobKind = { verifyAndWrite: 1, hashParts: 2 } as const

/** Any other value than zero is a mark; with all bits set, no single damaged bit unmakes it. */
export const MARK = 0xff

/** Check a part against its digest and, when it is right, write it. */
export interface VerifyAndWriteJob {
  readonly kind: typeof JobKind.verifyAndWrite
  readonly memory: SharedArrayBuffer
  /** The part's bytes are [memoryOffset, memoryOffset + length) of `memory`. */
  readonly memoryOffset: number
  readonly length: number
  /** SHA-1, 20 bytes. */
  readonly digest: Uint8Array
  readonly fd: number
  readonly fileOffset: number
  /** Where one byte is set before the part is written, so that a crash leaves a trace of it; see store/resume-record.ts. */
  readonly mark: { readonly fd: number; readonly offset: number } | undefined
}

/** SHA-1 of the parts [fromPart, toPart) of an open file. */
export interface HashPartsJob {
  readonly kind: typeof JobKind.hashParts
  readonly fd: number
  readonly sizeBytes: number
  readonly partSizeBytes: number
  readonly fromPart: number
  readonly toPart: number
}

export type HashJob = VerifyAndWriteJob | HashPartsJob

/** The answer to verifyAndWrite is whether the digest matched; to hashParts, 20 bytes per part (fewer when the file ended early). */
export type HashResult = boolean | Uint8Array

export interface HashRequest {
  readonly id: number
  readonly job: HashJob
}

export type HashReply =
  | { readonly id: number; readonly result: HashResult }
  | { readonly id: number; readonly failure: { readonly code: string | undefined; readonly message: string } }
