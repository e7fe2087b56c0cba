/**
 * `npm run commands [count]`: gives a client 1,000 commands in a row from processes of their own, and looks at what it holds. Exit status 1
 * when descriptors, listeners, timers or live memory have risen, or a command has failed.
 */
import { writeFileSync } from "node:fs"
import { Playground } from "../e2e/playground.js"
import { Resident } from "./resident.js"

const [count = 1_000] = process.argv.slice(2).map(Number)
const LOOK_MS = 2_000

const say = (line: string) => process.stdout.write(`${line}\n`)

const ground = await Playground.create()
try {
  await giveCommands()
} finally {
  await ground.close()
}

async function giveCommands(): Promise<void> {
  await ground.tracker()
  const client = await Resident.start(ground, "resident", {})
  writeFileSync(ground.path("sample"), Buffer.alloc(1_000_000, "sample"))
  const config = ground.path("resident.json")
  const commands = [
    ["list"],
    ["--json", "peers"],
    ["limit", "down", "5MB/s"],
    ["upload", ground.path("sample"), ground.path("sample.json")],
    ["pause", "sample"],
    ["resume", "sample"],
    ["pause", "none"],
  ]
  const timer = setInterval(() => client.look(), LOOK_MS)
  let faults = 0
  for (let given = 0; given < count; given++) {
    const words = commands[given % commands.length] ?? []
    const program = ground.client(config, ...words)
    const code = await program.ended()
    if (code === (words.includes("none") ? 6 : 0)) continue
    faults++
    say(`FAULT: ${words.join(" ")} ended with ${code}: ${program.errors}`)
  }
  clearInterval(timer)
  const { lines, faults: risen } = client.judge()
  for (const line of lines) say(line)
  for (const fault of risen) say(`FAULT: ${fault}`)
  if (faults + risen.length > 0) process.exitCode = 1
  else say(`${count} commands, nothing left behind`)
}
