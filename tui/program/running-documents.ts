import { versionText } from "../base/version.js"
import { stateFolderFor } from "../config/default-config.js"
import { callOwner } from "../control/call-owner.js"
import { ControlLink } from "../control/control-link.js"
import { runningClient } from "../control/running-client.js"

/** A Tab key is not worth a longer wait. Our choice. */
const PATIENCE_MS = 2_000

/** More are no choice. */
const MAX_DOCUMENTS = 5_000

/**
 * One line a document of the running client of a config, for the completion of a shell: the word that names it. Empty where none runs or
 * answers in time, or the config is wrong, as a Tab key has no place for an error. Nothing is started or written.
 */
export async function documentLines(configPath: string | undefined): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const late = new Promise<readonly Named[]>((resolve) => signal.addEventListener("abort", () => resolve([])))
  const documents = await Promise.race([late, asked(configPath, signal).catch(() => [])])
  return wordsFor(documents)
    .slice(0, MAX_DOCUMENTS)
    .map((word) => `${word}\n`)
    .join("")
}

async function asked(configPath: string | undefined, signal: AbortSignal): Promise<readonly Named[]> {
  const link = await callOwner(await stateFolderFor(configPath))
  if (!(link instanceof ControlLink)) return []
  try {
    const ready = await link.begin({ version: versionText().trim(), notes: "none" }, signal)
    if (ready === undefined) return []
    let documents: readonly Named[] = []
    const audience = {
      report: ({ fields }: { readonly fields: Readonly<Record<string, unknown>> }) => {
        if (Array.isArray(fields["documents"])) documents = fields["documents"]
      },
      failure: () => {},
    }
    await runningClient(link, ready)
      .open(audience, signal, () => {})
      .run.run(["list"])
    return documents
  } finally {
    link.close()
  }
}

interface Named {
  readonly id: string
  readonly name: string
}

/** Its name, or its id where the name is that of several, would end a line, or would be read as an option. */
export function wordsFor(documents: readonly Named[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { name } of documents) counts.set(name, (counts.get(name) ?? 0) + 1)
  return documents.map(({ id, name }) => (isTypable(name) && counts.get(name) === 1 ? name : id))
}

/** Control characters, marks of the writing direction, separators of lines and lone surrogates can't be typed, or are not what is seen. */
function isTypable(name: string): boolean {
  return name !== "" && !/^-|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(name)
}
