import type { Complete } from '../validation/complete.ts'
import { invalid, onlyKeys } from '../validation/validate.ts'

/** The close frame that WebSocket clients get. */
export interface WebSocketOptions {
  /**
   * The close code: 1000 to 1014, without the codes that must not be sent, or 3000 to 4999.
   *
   * @default 1012
   * @example
   * ```ts
   * await app.register(lifecycle, { websocket: { code: 1001 } })
   * ```
   */
  code?: number | undefined
  /**
   * The reason, at most 123 bytes.
   *
   * @default 'service restart'
   * @example
   * ```ts
   * await app.register(lifecycle, { websocket: { reason: 'retry in a second' } })
   * ```
   */
  reason?: string | undefined
}

/** The option `websocket` with every default filled in. */
export type Farewell = Complete<WebSocketOptions>

/** Checks the option `websocket`, and fills the defaults in. */
export function farewellOf(value: WebSocketOptions): Farewell {
  const { code = 1012, reason = 'service restart' } = onlyKeys<WebSocketOptions>('websocket', value, [
    'code',
    'reason'
  ])
  if (!isCloseCode(code)) throw invalid('websocket.code', 'a close code that may be sent', code)
  if (typeof reason !== 'string' || Buffer.byteLength(reason) > 123) {
    throw invalid('websocket.reason', 'a string of at most 123 bytes', reason)
  }
  return { code, reason }
}

/** RFC 6455 §7.4.2; 1004 to 1006 and 1015 must not be sent. */
function isCloseCode(code: unknown): boolean {
  if (!Number.isInteger(code)) return false
  const number = code as number
  const isRegistered = number >= 1000 && number <= 1014 && !(number >= 1004 && number <= 1006)
  return isRegistered || (number >= 3000 && number <= 4999)
}
