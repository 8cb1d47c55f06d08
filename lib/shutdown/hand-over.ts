import { logHandOver } from '../telemetry/log.ts'
import { round } from '../time/clock.ts'
import type { Shutdown } from './shutdown.ts'

/** Leaves new connections to others, if the app hands over. */
export async function handOver(shutdown: Shutdown): Promise<void> {
  if (!shutdown.handsOver) return
  const { app, traffic } = shutdown.parts
  await traffic.handOver(shutdown.share(Number.POSITIVE_INFINITY, 'lameDuck', 1))
  const { http1, http2, websocket, upgraded } = traffic.connections
  const connections = http1 + http2 + websocket + upgraded
  shutdown.handedOver = { at: round(shutdown.budget.elapsed), connections }
  logHandOver(app.log, connections)
}
