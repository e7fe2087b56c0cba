import type { ErrorFacts } from "../../core/index.js"

const REPAIR = '"repair" fetches what is damaged from peers; "recheck" when the right bytes are back'

/** What ends the failure of a document that is tried again, or looked for, without a command; by the error's code. */
const PASSES: Readonly<Record<string, string>> = {
  disk_full: "resumes automatically when there is room",
  too_many_files: "resumes automatically when some are free",
  hasher_ended: "resumes automatically with another one",
  no_such_file:
    'resumes automatically when the same file is back ("resume" for a copy of it), or "download" its torrent file again',
  file_changed:
    'resumes automatically when the same file is back ("recheck" for a copy of it); "repair" fetches what differs from peers',
}

const PASSES_ELSE = 'resumes automatically when the file is back as it was; "resume" tries again'

/** What a user can do about a failure that stays. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  not_writable: '"resume" when it can be written',
  not_readable: '"resume" when it can be read',
  file_changed: REPAIR,
  file_differs: '"repair" fetches what differs from peers',
  names_collide: '"resume" when the folder is on another file system, or "download" its torrent file to another path',
  file_replaced: REPAIR,
  no_such_file: '"resume" when it is back, or "download" its torrent file again',
  no_such_folder: '"resume" when it is there',
  file_gone: '"resume" when it is back',
  is_folder: '"resume" when it is moved away',
  target_exists: '"resume" when it is moved away',
  not_a_file: '"resume" when it is moved away',
  not_a_folder: '"resume" when it is moved away',
}

const WAY_OUT_ELSE = '"resume" tries again'

/** Why a document has failed, and what ends that. `goesOn`: it is tried again, or looked for, without a command. */
export function failureWords({ code, message }: ErrorFacts, goesOn: boolean): string {
  const wayOut = goesOn ? (PASSES[code] ?? PASSES_ELSE) : (WAYS_OUT[code] ?? WAY_OUT_ELSE)
  return `${message}; ${wayOut}`
}
