import { isMainThread } from 'node:worker_threads'
import type { HardKill } from './hard-kill.ts'
import type { Limits } from './watchdog.ts'

/** The options of an app that decide when its process is killed. */
export interface KillSettings {
  readonly deadline: number
  readonly hardKill: HardKill
  readonly exit: boolean
}

interface Guarded {
  readonly settings: KillSettings
}

/** The apps that are being shut down, and since when. */
export interface Ending {
  readonly since: number
  readonly members: readonly Guarded[]
}

/**
 * The limits that the watchdog enforces for all apps of the process; `undefined` if no app wants a watchdog. No
 * app is killed before its own deadline, so the latest deadline counts. If one app sets `exit: false`, its
 * process has no deadline. An app in a worker thread has no limits, because a kill would end the whole process.
 */
export function limitsOf(members: readonly Guarded[], ending: Ending | undefined): Limits | undefined {
  if (!isMainThread) return undefined
  const stalls = members.map(({ settings }) => stallOf(settings)).filter((stall) => stall !== undefined)
  const stall = stalls.length > 0 ? Math.min(...stalls) : undefined
  if (ending !== undefined && isBounded(ending)) {
    return { deadline: ending.since + latestDeadline(ending.members), margin: margin(ending), stall }
  }
  return stall === undefined ? undefined : { deadline: undefined, margin: 0, stall }
}

/**
 * After how many ms the main thread ends the shutdown itself. If the app may have a watchdog, this is before
 * the watchdog's deadline.
 */
export function ownDeadline({ deadline, hardKill, exit }: KillSettings): number {
  return hardKill === false || !exit ? deadline : deadline - hardKill.margin
}

function isBounded({ members }: Ending): boolean {
  return (
    members.every(({ settings }) => settings.exit) &&
    members.some(({ settings }) => settings.hardKill !== false)
  )
}

function stallOf({ hardKill }: KillSettings): number | undefined {
  return hardKill === false ? undefined : hardKill.stall
}

/** The deadline of the app that may take longest. */
export function latestDeadline(members: readonly Guarded[]): number {
  return Math.max(0, ...members.map(({ settings }) => settings.deadline))
}

function margin({ members }: Ending): number {
  return Math.max(
    ...members.map(({ settings }) => (settings.hardKill === false ? 0 : settings.hardKill.margin))
  )
}
