import type { Command } from "./command.js"
import { pause, recheck, remove, resume } from "./control.js"
import { help, quit } from "./help.js"
import { limit } from "./limits.js"
import { link } from "./links.js"
import { list, peers } from "./listings.js"
import { repair } from "./repair.js"
import { select } from "./select.js"
import { status } from "./status.js"
import { theme } from "./theme.js"
import { download, exportMetainfo, upload } from "./transfers.js"
import { wait } from "./wait.js"

/** Every command, in the order help shows them. Line mode, one-shot, the screen, help and completion all come from here. */
export const COMMANDS: readonly Command[] = [
  upload,
  download,
  link,
  exportMetainfo,
  list,
  peers,
  pause,
  resume,
  recheck,
  repair,
  select,
  remove,
  limit,
  status,
  wait,
  theme,
  help,
  quit,
]
