import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { join } from "node:path"
import { afterEach, expect, it } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { JsonLines } from "./json-lines.js"

let folder: string
const ends: (() => void)[] = []

inTemporaryFolder((path) => {
  folder = path
})
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Both ends of a connection: a raw one, and one that reads lines of at most 100 bytes. */
async function connection() {
  const path = join(folder, "s")
  const server = createServer()
  server.listen(path)
  await once(server, "listening")
  const accepted = once(server, "connection") as Promise<[Socket]>
  const raw = connect(path)
  const [socket] = await accepted
  ends.push(
    () => server.close(),
    () => raw.destroy(),
    () => socket.destroy(),
  )
  const values: unknown[] = []
  let onValue: () => void = () => {}
  const ended: { fault?: string | undefined } = {}
  const over = new Promise<void>((resolve) => {
    const onEnd = (fault: string | undefined) => {
      ended.fault = fault
      resolve()
    }
    ends.push(onEnd.bind(undefined, undefined))
    lines = new JsonLines(socket, {
      maxLineBytes: 100,
      onValue: (value) => {
        values.push(value)
        onValue()
      },
      onEnd,
    })
  })
  const count = (wanted: number) =>
    new Promise<void>((resolve) => {
      onValue = () => {
        if (values.length >= wanted) resolve()
      }
      onValue()
    })
  return { raw, lines, values, ended, over, count }
}
let lines: JsonLines

it("hands over each value once, wherever the bytes are split", async () => {
  const { raw, values, count } = await connection()
  const text = '{"a":"ä"}\n[1]\n"x"\n'
  for (const byte of Buffer.from(text)) raw.write(Uint8Array.of(byte))
  raw.write(text)
  await count(6)
  expect(values).toEqual([{ a: "ä" }, [1], "x", { a: "ä" }, [1], "x"])
})

it.each([
  ["that is too long", `"${"x".repeat(200)}"`, "sent a line that is too long"],
  ["that is no JSON", "{\n", "sent a line that is no JSON"],
])("ends the connection for a line %s", async (_, text, fault) => {
  const { raw, values, ended, over } = await connection()
  raw.write(`1\n${text}`)
  await over
  expect({ values, ended }).toEqual({ values: [1], ended: { fault } })
})

it("hands over nothing while it is held, and all of it afterwards", async () => {
  const { raw, lines: reader, values, count } = await connection()
  raw.write("1\n")
  await count(1)
  reader.hold(true)
  raw.write("2\n3\n")
  expect(values).toEqual([1])
  reader.hold(false)
  await count(3)
  expect(values).toEqual([1, 2, 3])
})

it("sends nothing that is longer than allowed, and nothing after the end", async () => {
  const { raw, lines: writer, over } = await connection()
  expect(writer.send("x".repeat(50), 10)).toBe(false)
  expect(writer.send("x", 10)).toBe(true)
  const [chunk] = (await once(raw, "data")) as [Buffer]
  expect(chunk.toString()).toBe('"x"\n')
  raw.destroy()
  await over
  expect(writer.send("y", 10)).toBe(true)
  expect(writer.waitingBytes).toBe(0)
})
