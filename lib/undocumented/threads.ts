import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

// `process.exit()` waits for threads that are busy, and Node.js has no function that names them. On Linux, the
// system tells which system call each thread of the process is in. On other systems, nothing is known about the
// threads.

/** The numbers of the system calls that matter here, for each processor architecture. */
// biome-ignore format: a list of numbers
const systemCalls: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  x64: {
    read: [0], write: [1], open: [2], poll: [7, 271], pread: [17], pwrite: [18], select: [23, 270], sleep: [35, 230],
    connect: [42], accept: [43, 288], receive: [45, 47], 'wait for a child': [61, 247], flock: [73], fsync: [74, 75],
    sigtimedwait: [128], futex: [202, 449, 455], restart: [219], epoll: [232, 281, 441], openat: [257],
    stat: [262, 332], io_uring: [426]
  },
  arm64: {
    epoll: [22, 441], flock: [32], openat: [56], read: [63], write: [64], pread: [67], pwrite: [68], select: [72],
    poll: [73], stat: [79, 291], fsync: [82, 83], 'wait for a child': [95, 260], futex: [98, 449, 455],
    sleep: [101, 115], restart: [128], sigtimedwait: [137], accept: [202, 242], connect: [203], receive: [207, 212],
    io_uring: [426]
  }
}

/**
 * A thread in one of these system calls may belong to an add-on and wait for work. Such a thread does not hold
 * the exit.
 */
// biome-ignore format: a list of names
const mayBeIdle = new Set(['read', 'poll', 'select', 'sleep', 'accept', 'receive', 'sigtimedwait', 'restart', 'io_uring'])

/** The first argument of these system calls is a file descriptor. */
const takesDescriptor = new Set(['read', 'write', 'pread', 'pwrite', 'flock', 'fsync', 'connect', 'receive'])

/** The name of the threads of libuv's pool, since libuv 1.50. */
const poolName = 'libuv-worker'

/** What else the caller knows about the process. */
export interface Surmise {
  /** Whether a `Worker` runs besides the watchdog. The thread of a `Worker` looks like any other thread. */
  readonly hasWorkers: boolean
  /** Whether Node.js lists a request to the pool, for example for a file or a host name. */
  readonly hasRequests: boolean
  /** The number of the watchdog's thread, which does not hold the exit; 0 if it is not known. */
  readonly watchdog: number
}

/** The system whose threads are scanned; tests use another one. */
export interface ScanSystem {
  readonly directory: string
  readonly architecture: string
  readonly namesPool: boolean
}

const thisSystem: ScanSystem = {
  directory: '/proc/self',
  architecture: process.arch,
  namesPool: namesPool(process.versions.uv)
}

/** Whether this version of libuv names the threads of its pool. */
export function namesPool(version: string): boolean {
  const [major, minor] = version.split('.').map(Number) as [number, number]
  return major > 1 || minor >= 50
}

/**
 * What the threads that hold the exit do, in words. Empty if no thread holds the exit; `undefined` if the
 * system does not tell.
 */
export function holdingThreads(surmise: Surmise, system: ScanSystem = thisSystem): string[] | undefined {
  const calls = systemCalls[system.architecture]
  if (calls === undefined) return undefined
  const { directory } = system
  try {
    const main = readlinkSync(directory)
    // If this file cannot be read, the files of the other threads cannot be read either.
    readFileSync(`${directory}/task/${main}/syscall`)
    const others = readdirSync(`${directory}/task`).filter(
      (id) => id !== main && Number(id) !== surmise.watchdog
    )
    return summary(others.flatMap((id) => holdOf(`${directory}/task/${id}`, calls, surmise, system) ?? []))
  } catch {
    return undefined
  }
}

/** What this thread does while it holds the exit; `undefined` if it does not hold the exit. */
function holdOf(
  thread: string,
  calls: Readonly<Record<string, readonly number[]>>,
  { hasWorkers, hasRequests }: Surmise,
  { directory, namesPool }: ScanSystem
): string | undefined {
  const [number, descriptor] = textOf(`${thread}/syscall`).split(' ') as [string, string?]
  if (number === '') return undefined
  const call = nameOf(number, calls)
  if (call === 'futex') return undefined
  if (call === 'epoll') {
    const children = textOf(`${thread}/children`)
    return children === '' ? undefined : `a thread that waits for process ${children}`
  }
  const isOfPool = textOf(`${thread}/comm`) === poolName
  const what = isOfPool ? 'a thread of the pool' : 'a thread'
  if (call === 'computes') return isOfPool || !namesPool ? `${what} that computes` : undefined
  // If the pool's threads have no names, a pool thread and an add-on's thread look the same.
  const isSuspect = isOfPool || hasWorkers || (hasRequests && !namesPool)
  if (mayBeIdle.has(call) && !isSuspect) return undefined
  return `${what} in ${call}${takesDescriptor.has(call) ? fileOf(directory, descriptor) : ''}`
}

function nameOf(number: string, calls: Readonly<Record<string, readonly number[]>>): string {
  // -1 stands for a thread that waits outside of any system call, for example for a page of a file.
  if (number === 'running' || number === '-1') return 'computes'
  const known = Object.entries(calls).find(([, numbers]) => numbers.includes(Number(number)))
  return known?.[0] ?? `system call ${number}`
}

/** The text of a file of a thread; empty if the thread has ended in the meantime. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1').trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return ''
    throw error
  }
}

function fileOf(directory: string, descriptor: string | undefined): string {
  try {
    return ` of ${readlinkSync(`${directory}/fd/${Number(descriptor)}`)}`
  } catch {
    return ''
  }
}

/**
 * Whether the main thread waits in a system call and runs no JavaScript; `undefined` if the system does not
 * tell.
 */
export function mainThreadWaits(directory = '/proc/self'): boolean | undefined {
  try {
    const main = readlinkSync(directory)
    return readFileSync(`${directory}/task/${main}/syscall`, 'latin1').trim() !== 'running'
  } catch {
    return undefined
  }
}

/** The system's number of the thread that calls this function; 0 if the system does not tell. */
export function thisThread(link = '/proc/thread-self'): number {
  try {
    return Number(readlinkSync(link).split('/').at(-1))
  } catch {
    return 0
  }
}

/** The numbers of this process's threads; empty if the system does not tell. */
export function threadNumbers(directory = '/proc/self'): ReadonlySet<number> {
  try {
    return new Set(readdirSync(`${directory}/task`).map(Number))
  } catch {
    return new Set()
  }
}

/** The number of the one thread that is new since `before`; 0 if there is not exactly one new thread. */
export function onlyNew(before: ReadonlySet<number>, now: ReadonlySet<number> = threadNumbers()): number {
  const added = [...now].filter((thread) => !before.has(thread))
  return before.size > 0 && added.length === 1 ? Number(added[0]) : 0
}

/** Names each text once, with the number of its threads. */
function summary(texts: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].map(([text, count]) =>
    count === 1
      ? text
      : text.replace(/^a thread/, `${count} threads`).replace('that computes', 'that compute')
  )
}
