import type { Report } from '../lib/report/report.ts'
import { factLines } from './facts.ts'
import type { Line } from './line.ts'
import { quantity } from './quantity.ts'

/** Plain words for the resource types of Node.js that a server usually has. */
const names: ReadonlyMap<string, readonly [one: string, many?: string]> = new Map([
  ['CloseReq', ['file being closed', 'files being closed']],
  ['ConnectWrap', ['connection attempt']],
  ['FSEventWrap', ['file watcher']],
  ['FSReqCallback', ['file operation']],
  ['FSReqPromise', ['file operation']],
  ['GetAddrInfoReqWrap', ['DNS lookup']],
  ['GetNameInfoReqWrap', ['DNS lookup']],
  ['Immediate', ['immediate']],
  ['MessagePort', ['message port']],
  ['PipeConnectWrap', ['connection attempt']],
  ['PipeServerWrap', ['pipe server']],
  ['PipeWrap', ['pipe']],
  ['ProcessWrap', ['child process', 'child processes']],
  ['QueryWrap', ['DNS lookup']],
  ['ShutdownWrap', ['unfinished end of a stream', 'unfinished ends of streams']],
  ['StatWatcher', ['file watcher']],
  ['TCPConnectWrap', ['connection attempt']],
  ['TCPServerWrap', ['TCP server']],
  ['TCPSocketWrap', ['TCP connection']],
  ['TLSWrap', ['TLS connection']],
  ['TTYWrap', ['terminal']],
  ['Timeout', ['timer']],
  ['UDPSendWrap', ['unfinished write']],
  ['UDPWrap', ['UDP socket']],
  ['Worker', ['worker thread']],
  ['WriteWrap', ['unfinished write']]
])

/**
 * Lines about what kept the process alive, if the report has that. Types with the same meaning are counted
 * together.
 */
export function aliveLines({ alive = [] }: Report, width: number): Line[] {
  const counts = new Map<string, { count: number; words: readonly [string, string?] }>()
  for (const { type, count } of alive) {
    const words = names.get(type) ?? [type, type]
    counts.set(words[0], { count: count + (counts.get(words[0])?.count ?? 0), words })
  }
  const texts = [...counts.values()].map(({ count, words }) => quantity(count, ...words))
  return factLines(
    texts.map((text, index) => ({ text: index === 0 ? `still alive: ${text}` : text, tone: 'plain' })),
    width
  )
}
