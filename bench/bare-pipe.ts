/**
 * What Node can do at best: file -> socket -> SHA-1 per MiB -> file, without a protocol. `bare-pipe seed <file> <place>` serves once,
 * `bare-pipe fetch <place> <file>` fetches, checks and writes once a line was typed; with `tls` at the end inside TLS as private documents have it. A
 * place is a port, or `<host>:<port>`. The yardstick of the transfer bench.
 */
import { closeSync, openSync, read, statSync } from "node:fs"
import { connect, createServer, type NetConnectOpts, type OnReadOpts, type Socket } from "node:net"
import { createServer as createTlsServer, connect as tlsConnect } from "node:tls"
import { promisify } from "node:util"
import { Worker } from "node:worker_threads"
import { TLS_OPTIONS } from "../core/wire/connection/tls-options.js"

const CHUNK = 1024 * 1024
const BUFFERS = 16
const readAsync = promisify(read)
const KEY = { identity: "bench", psk: Buffer.alloc(32, 7) }

interface Place {
  readonly host: string
  readonly port: number
}

function placeOf(word = ""): Place {
  const [port, host = "127.0.0.1"] = word.split(":").reverse()
  return { host, port: Number(port) }
}

function seed(file: string, place: Place, inTls: boolean): void {
  const serve = (socket: Socket) => {
    server.close()
    void pump(file, socket)
  }
  const server = inTls ? createTlsServer({ ...TLS_OPTIONS, pskCallback: () => KEY.psk }, serve) : createServer(serve)
  server.listen(place, () => process.stdout.write("listening\n"))
}

async function pump(file: string, socket: Socket): Promise<void> {
  const fd = openSync(file, "r")
  const { size } = statSync(file)
  const readAt = async (offset: number) => {
    const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK, size - offset))
    await readAsync(fd, buffer, 0, buffer.length, offset)
    return buffer
  }
  let ahead = readAt(0)
  for (let offset = 0; offset < size; offset += CHUNK) {
    const buffer = await ahead
    if (offset + CHUNK < size) ahead = readAt(offset + CHUNK)
    if (!socket.write(buffer)) await new Promise((resolve) => socket.once("drain", resolve))
  }
  closeSync(fd)
  socket.end()
}

/** Hashes and writes each buffer, in a thread of its own as the client does. */
const CHECKER = `
const { parentPort } = require("node:worker_threads"), { createHash } = require("node:crypto"), { writeSync } = require("node:fs")
parentPort.on("message", ({ bytes, length, fd, offset }) => {
  createHash("sha1").update(bytes.subarray(0, length)).digest()
  writeSync(fd, bytes, 0, length, offset)
  parentPort.postMessage(bytes)
})`

function open(options: NetConnectOpts & { readonly onread: OnReadOpts }, inTls: boolean): Socket {
  return inTls ? tlsConnect({ ...TLS_OPTIONS, ...options, pskCallback: () => KEY }) : connect(options)
}

function fetchAll(place: Place, file: string, inTls: boolean, checker: Worker): void {
  const fd = openSync(file, "w")
  const free = Array.from({ length: BUFFERS }, () => new Uint8Array(new SharedArrayBuffer(CHUNK)))
  let current = free.pop() ?? new Uint8Array(new SharedArrayBuffer(CHUNK))
  let filled = 0
  let offset = 0
  let checking = 0
  let ended = false
  const hand = () => {
    checker.postMessage({ bytes: current, length: filled, fd, offset })
    checking++
    offset += filled
    filled = 0
  }
  const finish = () => {
    if (!ended || checking > 0) return
    closeSync(fd)
    void checker.terminate()
  }
  const onread: OnReadOpts = {
    buffer: () => current.subarray(filled),
    callback: (byteCount) => {
      filled += byteCount
      if (filled < CHUNK) return true
      hand()
      // There is one: with the last of them taken, reading pauses until another is back.
      current = free.pop() ?? current
      return free.length > 0
    },
  }
  const socket = open({ ...place, onread }, inTls)
  checker.on("message", (bytes: Uint8Array<SharedArrayBuffer>) => {
    checking--
    free.push(bytes)
    if (!ended) socket.resume()
    finish()
  })
  socket.on("end", () => {
    ended = true
    if (filled > 0) hand()
    finish()
  })
}

const [mode = "", ...words] = process.argv.slice(2)
const inTls = words[2] === "tls"
if (mode === "seed") seed(String(words[0]), placeOf(words[1]), inTls)
else {
  const checker = new Worker(CHECKER, { eval: true })
  checker.once("online", () => process.stdout.write("ready\n"))
  process.stdin.once("data", () => {
    process.stdin.destroy()
    fetchAll(placeOf(words[0]), String(words[1]), inTls, checker)
  })
}
