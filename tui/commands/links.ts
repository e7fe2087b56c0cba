import type { Command } from "./command.js"

export const link: Command = {
  name: "link",
  arguments: [{ name: "document", kind: "document" }],
  flags: [],
  summary: "print the link of a document: whoever has that of a private one may download it",
  async run(given, { client, report }) {
    const { id, name } = client.find(given.required("document"))
    const text = client.link(id)
    report({ event: "link", lines: [], fields: { id, name, link: text }, link: text })
  },
}
