import cluster from 'node:cluster'
import { fstatSync, readFileSync } from 'node:fs'
import type { FastifyListenOptions } from 'fastify'
import {
  FST_LIFECYCLE_SYSTEMD_DESCRIPTOR,
  FST_LIFECYCLE_SYSTEMD_SOCKET_AMBIGUOUS,
  FST_LIFECYCLE_SYSTEMD_SOCKET_UNKNOWN
} from '../lib/errors.ts'
import { attempt } from '../lib/validation/read.ts'
import { invalid } from '../lib/validation/validate.ts'

/** The descriptor of the first socket that systemd passes; the others follow. */
const first = 3

/**
 * How many connections may wait in the socket: the default of systemd. Node.js would lower this to 511, also for the
 * time in which no process accepts.
 */
const backlog = 4_096

/** The options of `app.listen` for a socket that systemd holds. */
export interface SystemdSocket extends FastifyListenOptions {
  /** The file descriptor, 3 or higher. */
  readonly fd: number
  /**
   * This is not the address of the socket. It keeps Fastify from opening sockets of its own, as it does for
   * `localhost`.
   */
  readonly host: string
  /** How many connections may wait, for example during a restart. */
  readonly backlog: number
}

interface Passed {
  readonly fd: number
  /** The `FileDescriptorName` of the `.socket` unit, by default the name of that unit. */
  readonly name: string | undefined
}

/**
 * The socket that systemd opened for this service, as options for `app.listen`; `undefined` if there is none. systemd
 * keeps the socket open, so a restart refuses no connection. New connections wait for the next process. The app hands
 * over at the signal, because it listens on a passed socket. See the option `handOver`.
 *
 * This function reads `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES`, and does not change them. The id of a child
 * process is not `LISTEN_PID`, so no child uses the sockets by mistake. A worker of node:cluster gets the sockets
 * from its primary.
 *
 * Throws `FST_LIFECYCLE_SYSTEMD_SOCKET_AMBIGUOUS` if several sockets match. Throws
 * `FST_LIFECYCLE_SYSTEMD_SOCKET_UNKNOWN` if no socket has that name. Throws
 * `FST_LIFECYCLE_SYSTEMD_DESCRIPTOR` for a descriptor that an app cannot listen on, and
 * `FST_LIFECYCLE_OPTION_INVALID` for a name that is no string.
 *
 * @param name The `FileDescriptorName` of the `.socket` unit. Only needed if there are several sockets.
 * @example
 * ```ts
 * import lifecycle from 'fastify-lifecycle'
 * import systemd, { systemdSocket } from 'fastify-lifecycle/systemd'
 *
 * await app.register(lifecycle)
 * await app.register(systemd)
 * await app.listen(systemdSocket('http') ?? { port: 3000 })
 * ```
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
 */
export function systemdSocket(name?: string): SystemdSocket | undefined {
  if (name !== undefined && typeof name !== 'string') throw invalid('name', 'a string', name)
  const passed = passedSockets(process.env)
  if (passed.length === 0) return undefined
  const fd = theOne(passed, name)
  const fault = cluster.isWorker ? undefined : faultOf(fd)
  if (fault !== undefined) throw new FST_LIFECYCLE_SYSTEMD_DESCRIPTOR(String(fd), fault)
  return { fd, host: '0.0.0.0', backlog }
}

/**
 * The sockets that systemd passed to this process. Child processes inherit the variables, but the sockets are not for
 * them. In a worker of a cluster the primary listens, on its own descriptor, so a worker may use the variables.
 */
function passedSockets({ LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES }: NodeJS.ProcessEnv): readonly Passed[] {
  const count = Number(LISTEN_FDS)
  const owner = cluster.isWorker ? process.ppid : process.pid
  if (!Number.isSafeInteger(count) || Number(LISTEN_PID) !== owner) return []
  const names = LISTEN_FDNAMES?.split(':') ?? []
  return Array.from({ length: Math.max(0, count) }, (_, index) => ({ fd: first + index, name: names[index] }))
}

function theOne(passed: readonly Passed[], name: string | undefined): number {
  const candidates = name === undefined ? passed : passed.filter((socket) => socket.name === name)
  const [found, another] = candidates
  const names = passed.map((socket) =>
    socket.name === undefined ? 'one without a name' : `'${socket.name}'`
  )
  if (found === undefined) throw new FST_LIFECYCLE_SYSTEMD_SOCKET_UNKNOWN(name as string, names.join(', '))
  if (another !== undefined) {
    const wanted = name === undefined ? 'any' : `'${name}'`
    throw new FST_LIFECYCLE_SYSTEMD_SOCKET_AMBIGUOUS(wanted, names.join(', '))
  }
  return found.fd
}

/** Why an app cannot listen on this descriptor; `undefined` if no reason is known. */
function faultOf(fd: number): string | undefined {
  const stats = attempt(() => fstatSync(fd), undefined)
  if (stats === undefined) return 'it is not open'
  if (!stats.isSocket()) return 'it is no socket'
  // Fastify needs the address of the socket, which Node.js does not know for a passed unix socket.
  return isUnixSocket(stats.ino)
    ? 'it is a unix socket, and Fastify listens only on passed TCP sockets'
    : undefined
}

function isUnixSocket(inode: number): boolean {
  const list = attempt(() => readFileSync('/proc/net/unix', 'utf8'), '')
  return list.split('\n').some((line) => line.split(/\s+/)[6] === String(inode))
}
