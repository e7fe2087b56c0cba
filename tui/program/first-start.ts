import { addressForOthers, type Client, formatHostPort } from "../../core/index.js"
import type { Report } from "../commands/report.js"
import type { Config } from "../config/config.js"
import { addressWords } from "../words/address-words.js"

/** What the first start without a config explains, in a few lines. */
export function firstStartReport({ serviceFolder }: Config): Report {
  return {
    event: "first_start",
    lines: [
      `first start without a config: ${serviceFolder} is made`,
      "  it gets what is downloaded, and every document in it is shared",
      '  "upload <file or folder>" shares one, privately: only its link lets others find, read and download it',
      "  peers come from links and from the local network",
      '  "p2p-tui init" asks three questions and writes a config, for another folder, port or tracker',
    ],
    fields: { service: serviceFolder },
  }
}

/** Where others reach a client that stays for its upload, and how to end it. */
export function stayReport({ announce, trackers }: Config, { listening }: Pick<Client, "listening">): Report {
  const port = announce.port ?? listening.port
  const choice = addressForOthers(listening.host, announce.host)
  const reached =
    choice === undefined
      ? `this client listens on ${formatHostPort(listening.host, port)}; no network was found on which others could reach it`
      : `others reach this client at port ${port} of ${addressWords(choice)}`
  const [tracker] = trackers
  return {
    event: "stays",
    lines: [
      `${reached}${tracker === undefined ? "" : `, and its tracker at port ${tracker.port}`}`,
      "it serves until you end it: Ctrl+C here, or p2p-tui quit in another terminal",
    ],
    fields: { address: choice?.host ?? null, port, tracker_port: tracker?.port ?? null },
  }
}
