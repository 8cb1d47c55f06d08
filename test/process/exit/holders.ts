import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Runner } from '../../support/app-process.ts'

/** Something that holds the end of a process. */
export interface Holder {
  /** As the fixture `held` names it. */
  readonly name: string
  /** As the page names it. */
  readonly what: string
  /** What its line says of it, where there is a line. */
  readonly says?: RegExp
  /** The exit code of the report, if not 0. */
  readonly code?: number
  /** Whether `process.exit()` would wait for it, so that the process is replaced, or else killed. */
  readonly end: 'clean' | 'waits' | 'killed'
  /** The limit of its drain, in ms, where the hashes would leave a busy machine no time for the report. */
  readonly drainTimeout?: number
  /** How the process is started. */
  readonly runner?: (node: string) => Runner
}

/** A mount namespace whose only name server never answers. It needs root. */
function withoutNameServer(node: string): Runner {
  const file = join(mkdtempSync(join(tmpdir(), 'resolv-')), 'resolv.conf')
  writeFileSync(file, 'nameserver 127.0.0.9\n')
  const shell = `mount --bind ${file} /etc/resolv.conf && exec "$@"`
  return { execPath: 'unshare', execArgv: ['--mount', 'sh', '-c', shell, 'sh', node] }
}

/** Whether a name server can be taken from a process. */
export const canUnshare: boolean =
  process.platform === 'linux' && spawnSync('unshare', ['--mount', 'true']).status === 0

export const holders: readonly Holder[] = [
  { name: 'nothing', what: 'nothing', end: 'clean' },
  {
    name: 'fifo',
    what: 'a file that is never read to its end (a FIFO, a dead disk)',
    says: /pool|a thread/,
    end: 'waits'
  },
  { name: 'fifos', what: 'eight of them', says: /4 threads/, end: 'waits' },
  {
    name: 'dns',
    what: '`dns.lookup` on a name server that does not answer',
    says: /in poll|in receive/,
    end: 'waits',
    runner: withoutNameServer
  },
  { name: 'hashes', what: '40 password hashes', says: /comput/, end: 'waits' },
  {
    name: 'strangers',
    what: '20 password hashes of requests whose clients hung up',
    // The work goes on, so these requests are in flight until they are cut.
    code: 1,
    says: /comput/,
    end: 'waits',
    drainTimeout: 200
  },
  { name: 'workerReads', what: 'a worker in `readFileSync`', says: /a thread in openat/, end: 'waits' },
  { name: 'workerRuns', what: 'a worker in `execSync`', says: /waits for process \d+/, end: 'waits' },
  { name: 'workerLoops', what: 'a worker in an endless loop', end: 'clean' },
  { name: 'listenerThrows', what: "an `'exit'` listener that throws", end: 'clean' },
  {
    name: 'listenerExits',
    what: "an `'exit'` listener that calls `process.exit()`, and such a file",
    says: /thread/,
    end: 'waits'
  },
  {
    name: 'listenerLoops',
    what: "an `'exit'` listener in an endless loop",
    says: /'exit' listener 'loopsAtTheEnd', in loopsAtTheEnd/,
    end: 'killed'
  },
  {
    name: 'listenerWaits',
    what: "an `'exit'` listener in `Atomics.wait`",
    says: /'exit' listener '\(anonymous\)'/,
    end: 'killed'
  },
  {
    name: 'listenerRuns',
    what: "an `'exit'` listener in `execSync`",
    says: /'exit' listener '\(anonymous\)'/,
    end: 'killed'
  },
  {
    name: 'fullDisk',
    what: "pino's `flushSync` on a full disk",
    says: /'exit' listener 'onExit'/,
    end: 'killed'
  },
  {
    name: 'unreadLog',
    what: "pino's `flushSync` on a FIFO that nobody reads",
    says: /'exit' listener 'onExit'/,
    end: 'killed'
  }
]
