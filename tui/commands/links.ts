import type { Command } from "./command.js"

export const link: Command = {
  name: "link",
  arguments: [{ name: "document", kind: "document" }],
  flags: [{ name: "--qr", summary: "also draw it as a QR code" }],
  summary: "print the link of a document; that of a private one is all that its download needs",
  async run(given, { client, report }) {
    const { id, name } = client.find(given.required("document"))
    const text = client.link(id)
    const fields = { id, name, link: text }
    if (!given.has("--qr")) return report({ event: "link", lines: [], fields, link: text })
    // Loaded when it is wanted.
    const { qrRows } = await import("../base/qr-rows.js")
    report({ event: "link", lines: [], fields, link: text, qr: qrRows(text) })
  },
}
