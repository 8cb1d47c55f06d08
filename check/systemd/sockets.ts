import type { Conflict } from '../../deployment/conflict.ts'
import type { Page } from '../findings/page.ts'
import { allOf, isYes, type Line, lastOf, type Unit } from './units.ts'

/** The service that a socket is for. */
export function serviceOf(socket: Unit): string {
  return lastOf(socket, 'Socket', 'Service')?.value ?? socket.name.replace(/\.socket$/, '.service')
}

/** The socket of a service, if there is one. */
export function socketOf(service: Unit, units: readonly Unit[]): Unit | undefined {
  const named = allOf(service, 'Service', 'Sockets').flatMap(({ value }) => value.split(/\s+/))
  return units.find(
    (unit) => unit.kind === 'socket' && (named.includes(unit.name) || serviceOf(unit) === service.name)
  )
}

/** Checks that a socket keeps its queue while the service is replaced. */
export function checkSocket(socket: Unit, service: Unit): void {
  const subject = `Socket ${socket.name}`
  const say = (line: Line | undefined, conflict: Conflict) => {
    if (line !== undefined) line.page.say(line.at, subject, [conflict])
  }
  const accept = lastOf(socket, 'Socket', 'Accept')
  if (isYes(accept)) say(accept, accepts)
  const flush = lastOf(socket, 'Socket', 'FlushPending')
  if (isYes(flush)) say(flush, flushes)
  for (const key of ['PartOf', 'BindsTo'] as const) {
    const line = allOf(socket, 'Unit', key).find(({ value }) => value.split(/\s+/).includes(service.name))
    say(line, tied(key))
  }
}

const accepts: Conflict = {
  rule: 'socket-unused',
  severity: 'error',
  is: '`Accept=yes` starts a process for each connection, and passes only that connection',
  follows: 'the app has no socket to listen on',
  write: 'Write `Accept=no`, or leave it out'
}

const flushes: Conflict = {
  rule: 'update-gap',
  severity: 'warning',
  is: '`FlushPending=yes` empties the queue of the socket when the service ends',
  follows: 'connections that came during the restart are reset',
  write: 'Leave it out'
}

function tied(key: string): Conflict {
  return {
    rule: 'update-gap',
    severity: 'warning',
    is: `\`${key}\` ties the socket to its service`,
    follows:
      'the socket is closed with the service, and connections are refused until the next process listens',
    write: 'Leave it out: the service may require the socket, not the other way round'
  }
}

/** Reports a socket as left out if its service is not among the files. The service may be in another file. */
export function leaveOutSocket(socket: Unit, page: Page): void {
  page.leaveOut(
    socket.lines[0]?.at ?? { line: 1, column: 1 },
    `Socket ${socket.name}`,
    'its service is not among the files, or is no app'
  )
}
