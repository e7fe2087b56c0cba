import { randomBytes, randomUUID } from "node:crypto"
import type { Random } from "../../core/base/clock.js"
import { type Attack, anyLeaving, drop, inPieces, pickOne } from "./attack.js"
import { edited } from "./edited.js"

/** Something that no honest client does to a tracker. `hash`: a document that it knows. */
export function trackerAttack(hash: string, random: Random): Attack {
  const kind = pickOne([editedBody, editedBody, editedRequest, editedRequest, slow, halfBody, pipelined, noise], random)
  return kind(hash, random)
}

/** A request that is right, with a body that is not quite. */
function editedBody(hash: string, random: Random): Attack {
  const [path, body] = anyCall(hash, random)
  return { steps: inPieces(post(path, edited(body, random)), random), leaving: anyLeaving(random) }
}

/** Mistakes anywhere: method, path, query, headers, body. */
function editedRequest(hash: string, random: Random): Attack {
  const [path, body] = anyCall(hash, random)
  const request = random() < 0.5 ? post(path, body) : get(`/announce?hash=${hash}&info_hash=%ff%00&port=6881&compact=1`)
  return { steps: inPieces(edited(request, random), random), leaving: anyLeaving(random) }
}

function slow(hash: string, random: Random): Attack {
  const [path, body] = anyCall(hash, random)
  return { steps: drop(post(path, body).subarray(0, 60), 1_000), leaving: "stay" }
}

/** Promises more than it sends: little, or a gigabyte. */
function halfBody(hash: string, random: Random): Attack {
  const [path, body] = anyCall(hash, random)
  const promised = pickOne([body.length + 1, 1_000_000_000, -1], random)
  return { steps: [{ send: post(path, body, promised) }], leaving: anyLeaving(random) }
}

function pipelined(hash: string, random: Random): Attack {
  const requests = Array.from({ length: 50 }, () => post(...anyCall(hash, random)))
  return { steps: [{ stopReading: true }, { send: Buffer.concat(requests) }], leaving: anyLeaving(random) }
}

function noise(_hash: string, random: Random): Attack {
  return { steps: inPieces(randomBytes(1 + Math.floor(random() * 3_000)), random), leaving: anyLeaving(random) }
}

function anyCall(hash: string, random: Random): [path: string, body: Uint8Array] {
  const peer = { listening_host: "127.66.0.1", listening_port: 1 + Math.floor(random() * 65_535) }
  const calls: readonly [readonly [string, object], ...(readonly [string, object])[]] = [
    ["/hash", { ...peer, ...(random() < 0.5 && { hash: randomUUID() }) }],
    ["/peers", { ...peer, hash: randomUUID(), left: 1, limit: 50 }],
    ["/peers", { ...peer, hash, left: 0, event: "stopped" }],
    ["/alive", { ...peer, hashes: [randomUUID(), randomUUID()] }],
  ]
  const [path, body] = pickOne(calls, random)
  return [path, Buffer.from(JSON.stringify(body))]
}

function post(path: string, body: Uint8Array, contentLength = body.length): Uint8Array {
  const head = `POST ${path} HTTP/1.1\r\nHost: tracker\r\nContent-Type: application/json\r\nContent-Length: ${contentLength}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

function get(path: string): Uint8Array {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: tracker\r\n\r\n`)
}
