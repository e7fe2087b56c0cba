import { addressForOthers, type Client, formatHostPort } from "../../core/index.js"
import { printable } from "../base/printable.js"
import type { Notice, Report } from "../commands/report.js"
import type { Config } from "../config/config.js"
import { addressWords } from "../words/address-words.js"

type Reached = Pick<Client, "listening" | "snapshot">

/** What the first start without a config explains, in a few lines. `hasAddress`: also where others reach the client, and why there. */
export function firstStartReport(config: Config, client: Reached, hasAddress: boolean): Report {
  const { serviceFolder: service } = config
  const { sentence, fields } = reachOf(config, client)
  const lines = hasAddress ? [...explained(), sentence] : explained()
  return {
    event: "first_start",
    lines: [firstLine(service), ...lines.map((line) => `  ${line}`)],
    fields: { service, ...fields },
  }
}

/** The same for the screen. */
export function firstStartNotice(config: Config, client: Reached): Notice {
  const lines = [...explained(), reachOf(config, client).sentence]
  return { title: printable(firstLine(config.serviceFolder)), lines: lines.map(printable) }
}

function firstLine(service: string): string {
  return `first start without a config: ${service} is made`
}

function explained(): readonly string[] {
  return [
    "it gets what is downloaded, and every document in it is shared",
    '"upload <file or folder>" shares one, privately: only its link lets others find, read and download it',
    "the first upload starts a tracker inside this client, which the local network reaches",
    "peers come from links and from the local network",
    '"p2p-tui init" asks three questions and writes a config, for another folder, port or tracker',
  ]
}

/** Where others reach a client that stays for its upload, and how to end it. */
export function stayReport(config: Config, client: Reached): Report {
  const { sentence, fields } = reachOf(config, client)
  return {
    event: "stays",
    lines: [sentence, "it serves until you end it: Ctrl+C here, or p2p-tui quit in another terminal"],
    fields,
  }
}

function reachOf({ announce }: Config, client: Reached) {
  const { listening } = client
  const port = announce.port ?? listening.port
  const choice = addressForOthers(listening.host, announce.host)
  const reached =
    choice === undefined
      ? `this client listens on ${formatHostPort(listening.host, port)}; no network was found on which others could reach it`
      : `others reach this client at port ${port} of ${addressWords(choice)}`
  const { url } = client.snapshot().tracker
  const trackerPort = url === "" ? null : Number(new URL(url).port)
  return {
    sentence: `${reached}${trackerPort === null ? "" : `, and its tracker at port ${trackerPort}`}`,
    fields: { address: choice?.host ?? null, port, tracker_port: trackerPort },
  }
}
