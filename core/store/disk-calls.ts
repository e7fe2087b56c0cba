import { readFully, syncData } from "./file-io.js"
import { freeBytesAt, unlinkIfSame } from "./unfinished-file.js"

/** What stores ask of the system on this thread, and a disk may refuse. */
export interface DiskCalls {
  readonly readFully: typeof readFully
  readonly syncData: typeof syncData
  readonly freeBytesAt: typeof freeBytesAt
  readonly unlinkIfSame: typeof unlinkIfSame
}

export const systemCalls: DiskCalls = { readFully, syncData, freeBytesAt, unlinkIfSame }
