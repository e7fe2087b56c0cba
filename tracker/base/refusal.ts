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
