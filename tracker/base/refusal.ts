import type { z } from "zod"
import { P2pError } from "../../core/base/errors.js"

/** A request is answered with an error: the only throw whose text reaches a client. Anything else is a bug, and a bare 500. */
export class Refusal extends P2pError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(code, message)
    this.status = status
    this.headers = headers
  }
}

/** A request's body as the schema has it. Throws a Refusal 400 that names the first fault. */
export function checkShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = issue?.path.join(".") ?? ""
  throw new Refusal(400, "bad_request", `${field === "" ? "the body" : field}: ${issue?.message ?? "is wrong"}`)
}
