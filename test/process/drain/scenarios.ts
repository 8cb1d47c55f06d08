import { everyTransport } from './every-transport.ts'
import { http1 } from './http1.ts'
import { listening } from './listening.ts'
import type { Scenario } from './observe.ts'
import { webSocket } from './websocket.ts'
import { work } from './work.ts'

/** The whole table. */
export const scenarios: readonly Scenario[] = [
  ...everyTransport,
  ...http1,
  ...work,
  ...webSocket,
  ...listening
]
