import { createHash } from "node:crypto"
import { networkOf } from "../address/host-of.js"
import { METADATA_PIECE_BYTES, metadataPieceBytes } from "../wire/codec/metadata.js"
import type { PeerKey } from "./events.js"

/** Requests that wait for an answer of one peer. Our choice: a fast peer is kept busy, and none has to queue many. */
const MAX_ASKED = 8

/** Wait for an answer, ms, and how long a peer that gave none, or rejected, is left alone. Our choice: it may limit its rate. */
const ANSWER_MS = 15_000
const REST_MS = 5_000

/** A size of which no piece has come for this time gives way to another that is claimed. Our choice. */
const STALLED_MS = 20_000
const ASIDE_MS = 60_000

/** Effects to carry out, in order. */
export type DescriptionEffect =
  | { readonly type: "request"; readonly peer: PeerKey; readonly piece: number }
  /** All pieces are there: hash them one after the other, answer with `verified`. */
  | { readonly type: "verify"; readonly pieces: readonly Uint8Array[] }
  /** What this peer alone sent is wrong. */
  | { readonly type: "strike"; readonly peer: PeerKey | undefined; readonly address: string }
  | { readonly type: "close"; readonly peer: PeerKey; readonly code: string; readonly why: string }

interface Source {
  readonly key: PeerKey
  readonly address: string
  /** Bytes of the dictionary, as the peer says. */
  readonly claimedBytes: number
  /** Pieces it is asked for, and since when. */
  readonly asked: Map<number, number>
  restsUntilMs: number
  /** Drafts that failed and had pieces of it. */
  suspicion: number
}

interface Piece {
  readonly bytes: Uint8Array
  readonly address: string
}

/** A piece of a wrong draft. */
interface Evidence {
  readonly index: number
  readonly digest: Uint8Array
  readonly address: string
}

interface Draft {
  readonly sizeBytes: number
  readonly pieces: Map<number, Piece>
  /** Asked alone, so that a wrong draft has one culprit. */
  solo: PeerKey | undefined
  movedAtMs: number
  isVerified: boolean
}

/**
 * Decides which pieces of an info dictionary are asked of which peers, and who answers for a wrong one. Pure: time is an argument. Several
 * peers contribute to a first draft; after a wrong one a single peer is asked for all of it, until one draft is right. The pieces of the
 * wrong drafts are then compared with it. One draft is held at a time: the size that most networks claim, the smallest of equals.
 */
export class Description {
  readonly #sources = new Map<PeerKey, Source>()
  /** Of the last draft of several peers that was wrong. */
  #evidence: readonly Evidence[] = []
  /** Addresses that had their strike. */
  readonly #struck = new Set<string>()
  readonly #asideUntilMs = new Map<number, number>()
  #draft: Draft | undefined
  #isSolo = false

  /** Bytes received of the present draft, and all of it. */
  get progress(): { readonly receivedBytes: number; readonly totalBytes: number | undefined } {
    const draft = this.#draft
    if (draft === undefined) return { receivedBytes: 0, totalBytes: undefined }
    return {
      receivedBytes: Math.min(draft.pieces.size * METADATA_PIECE_BYTES, draft.sizeBytes),
      totalBytes: draft.sizeBytes,
    }
  }

  /** Peers that offer the dictionary. */
  get sourceCount(): number {
    return this.#sources.size
  }

  add(key: PeerKey, address: string, claimedBytes: number, nowMs: number): DescriptionEffect[] {
    this.#sources.set(key, { key, address, claimedBytes, asked: new Map(), restsUntilMs: nowMs, suspicion: 0 })
    return this.#goOn(nowMs)
  }

  remove(key: PeerKey, nowMs: number): DescriptionEffect[] {
    if (!this.#sources.delete(key)) return []
    return this.#goOn(nowMs)
  }

  tick(nowMs: number): DescriptionEffect[] {
    for (const source of this.#sources.values())
      for (const [piece, sinceMs] of source.asked)
        if (nowMs - sinceMs >= ANSWER_MS) {
          source.asked.delete(piece)
          source.restsUntilMs = nowMs + REST_MS
        }
    return this.#goOn(nowMs)
  }

  rejected(key: PeerKey, piece: number, nowMs: number): DescriptionEffect[] {
    const source = this.#sources.get(key)
    if (!source?.asked.delete(piece)) return []
    source.restsUntilMs = nowMs + REST_MS
    return this.#goOn(nowMs)
  }

  received(
    key: PeerKey,
    {
      piece,
      totalBytes,
      bytes,
    }: { readonly piece: number; readonly totalBytes: number | undefined; readonly bytes: Uint8Array },
    nowMs: number,
  ): DescriptionEffect[] {
    const source = this.#sources.get(key)
    // Not asked for, or no longer.
    if (!source?.asked.delete(piece)) return []
    const isOfThatSize = totalBytes === undefined || totalBytes === source.claimedBytes
    if (!isOfThatSize || bytes.length !== metadataPieceBytes(source.claimedBytes, piece))
      return this.#punish(source, nowMs)
    const draft = this.#draft
    if (draft === undefined || draft.sizeBytes !== source.claimedBytes || draft.isVerified) return []
    if (draft.solo !== undefined && draft.solo !== key) return []
    // A copy: the message is a view of what was read.
    draft.pieces.set(piece, { bytes: Uint8Array.from(bytes), address: source.address })
    draft.movedAtMs = nowMs
    return this.#goOn(nowMs)
  }

  /** The answer to "verify". When it is right, all is over. */
  verified(isRight: boolean, nowMs: number): DescriptionEffect[] {
    const draft = this.#draft
    if (draft === undefined) return []
    if (isRight) return this.#culprits(draft).map((address) => this.#strikeOf(address))
    this.#draft = undefined
    const addresses = new Set([...draft.pieces.values()].map(({ address }) => address))
    const [only] = addresses
    this.#isSolo = true
    if (addresses.size === 1 && only !== undefined) {
      const source = [...this.#sources.values()].find(({ address }) => address === only)
      if (source !== undefined) return this.#punish(source, nowMs)
      this.#struck.add(only)
      return [{ type: "strike", peer: undefined, address: only }, ...this.#goOn(nowMs)]
    }
    this.#evidence = [...draft.pieces].map(([index, { bytes, address }]) => ({
      index,
      digest: digestOf(bytes),
      address,
    }))
    for (const source of this.#sources.values()) if (addresses.has(source.address)) source.suspicion++
    return this.#goOn(nowMs)
  }

  /** Senders of pieces that differ from those of the right draft. */
  #culprits(right: Draft): readonly string[] {
    const wrong = this.#evidence.filter(({ index, digest }) => {
      const good = right.pieces.get(index)?.bytes
      return good === undefined || Buffer.compare(digestOf(good), digest) !== 0
    })
    return [...new Set(wrong.map(({ address }) => address))].filter((address) => !this.#struck.has(address))
  }

  #strikeOf(address: string): DescriptionEffect {
    const peer = [...this.#sources.values()].find((source) => source.address === address)?.key
    return { type: "strike", peer, address }
  }

  #punish({ key, address }: Source, nowMs: number): DescriptionEffect[] {
    this.#sources.delete(key)
    this.#struck.add(address)
    const why = "sent a wrong description of the document"
    const effects: DescriptionEffect[] = [
      { type: "strike", peer: key, address },
      { type: "close", peer: key, code: "wrong_description", why },
    ]
    return [...effects, ...this.#goOn(nowMs)]
  }

  /** Chooses a draft, asks for what is missing of it, or has it verified. */
  #goOn(nowMs: number): DescriptionEffect[] {
    this.#leaveStalled(nowMs)
    this.#draft ??= this.#newDraft(nowMs)
    const draft = this.#draft
    if (draft === undefined || draft.isVerified) return []
    const pieceCount = Math.ceil(draft.sizeBytes / METADATA_PIECE_BYTES)
    if (draft.pieces.size === pieceCount) {
      draft.isVerified = true
      const pieces = Array.from(
        { length: pieceCount },
        (_, piece) => draft.pieces.get(piece)?.bytes ?? new Uint8Array(0),
      )
      return [{ type: "verify", pieces }]
    }
    return this.#requests(draft, pieceCount, nowMs)
  }

  #requests(draft: Draft, pieceCount: number, nowMs: number): DescriptionEffect[] {
    const askable = this.#claimants(draft.sizeBytes).filter(
      ({ key, restsUntilMs }) => restsUntilMs <= nowMs && (draft.solo === undefined || draft.solo === key),
    )
    const asked = new Set(this.#claimants(draft.sizeBytes).flatMap((source) => [...source.asked.keys()]))
    const effects: DescriptionEffect[] = []
    let piece = 0
    const nextMissing = (): number | undefined => {
      while (piece < pieceCount && (draft.pieces.has(piece) || asked.has(piece))) piece++
      return piece < pieceCount ? piece : undefined
    }
    // In turn, so that a short dictionary is not asked of one peer alone.
    for (let round = 0; round < MAX_ASKED; round++)
      for (const source of askable) {
        const wanted = nextMissing()
        if (wanted === undefined) return effects
        if (source.asked.size >= MAX_ASKED) continue
        source.asked.set(wanted, nowMs)
        asked.add(wanted)
        effects.push({ type: "request", peer: source.key, piece: wanted })
      }
    return effects
  }

  /** A draft that no peer brings forward gives way, where another peer, or another size, may do better. */
  #leaveStalled(nowMs: number): void {
    const draft = this.#draft
    if (draft === undefined || draft.isVerified) return
    const claimants = this.#claimants(draft.sizeBytes)
    const isLeft = draft.solo !== undefined ? !this.#sources.has(draft.solo) : claimants.length === 0
    const isStalled = nowMs - draft.movedAtMs >= STALLED_MS
    if (!isLeft && !isStalled) return
    const others = [...this.#sources.values()].filter(({ key, claimedBytes }) =>
      draft.solo === undefined ? claimedBytes !== draft.sizeBytes : key !== draft.solo,
    )
    if (others.length === 0) return
    if (isStalled && draft.solo === undefined) this.#asideUntilMs.set(draft.sizeBytes, nowMs + ASIDE_MS)
    const solo = draft.solo === undefined ? undefined : this.#sources.get(draft.solo)
    if (solo !== undefined) solo.suspicion++
    this.#draft = undefined
  }

  #newDraft(nowMs: number): Draft | undefined {
    const networks = new Map<number, Set<string>>()
    for (const { claimedBytes, address } of this.#sources.values())
      networks.set(claimedBytes, (networks.get(claimedBytes) ?? new Set()).add(networkOf(address)))
    const aside = (size: number) => ((this.#asideUntilMs.get(size) ?? 0) > nowMs ? 1 : 0)
    const [best] = [...networks].sort(
      ([one, ofOne], [other, ofOther]) => aside(one) - aside(other) || ofOther.size - ofOne.size || one - other,
    )
    if (best === undefined) return undefined
    const [sizeBytes] = best
    const [least] = this.#claimants(sizeBytes).sort((a, b) => a.suspicion - b.suspicion)
    const solo = this.#isSolo ? least?.key : undefined
    return { sizeBytes, pieces: new Map(), solo, movedAtMs: nowMs, isVerified: false }
  }

  #claimants(sizeBytes: number): Source[] {
    return [...this.#sources.values()].filter(({ claimedBytes }) => claimedBytes === sizeBytes)
  }
}

function digestOf(bytes: Uint8Array): Uint8Array {
  return createHash("sha1").update(bytes).digest()
}
