import { ABOUT, ARGUMENTS, EXIT_STATUS, FORMS, OPTIONS, OUTPUT } from "../tracker/program/usage.js"
import type { Page } from "./roff.js"

/** Of p2p-tracker, made from the program's own tables of options. */
export function trackerPage(version: string, date: string | undefined): Page {
  return {
    name: "p2p-tracker",
    about: "the meeting point of p2p-tui clients",
    ...{ version, date },
    synopsis: FORMS,
    sections: [
      { heading: "Description", paragraphs: [ABOUT, OUTPUT] },
      { heading: "Arguments", entries: ARGUMENTS },
      { heading: "Options", entries: OPTIONS },
      { heading: "Exit status", entries: EXIT_STATUS.map(([status, summary]) => ({ usage: `${status}`, summary })) },
      {
        heading: "Environment",
        entries: [
          { usage: "P2P_TRACKER_STORE", summary: "as --store" },
          { usage: "P2P_TRACKER_TOKEN", summary: "the token of a private tracker, as --token-file" },
          { usage: "XDG_DATA_HOME", summary: "where the disk store is if --data names no folder" },
        ],
      },
      {
        heading: "Examples",
        examples: ["p2p-tracker 0.0.0.0 5000", "p2p-tracker 0.0.0.0 5000 --workers 2 --token-file token"],
      },
      { heading: "See also", paragraphs: ["p2p-tui(1). The folder docs of the package describes everything."] },
    ],
  }
}
