import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { Phase, ShutdownReason } from '../index.ts'
import { fastifyVersions } from '../lib/fastify-versions.ts'
import { say } from '../lib/telemetry/say.ts'
import { clearInterval, longestDelay, setInterval } from '../lib/time/clock.ts'
import { noOptions } from './no-options.ts'
import { onceReady } from './once-ready.ts'
import { SystemdNotify } from './systemd-notify.ts'

/** How long systemd should wait after the deadline, in ms, because the watchdog needs some time. */
const reserve = 1_000

const plugin: FastifyPluginAsync = async (app, options) => {
  noOptions('systemd', options)
  const { NOTIFY_SOCKET, SYSTEMD_EXEC_PID, LISTEN_FDS } = process.env
  if (NOTIFY_SOCKET === undefined && LISTEN_FDS === undefined) return
  if (!isOurs(SYSTEMD_EXEC_PID)) return warnOfWrapper(app, SYSTEMD_EXEC_PID as string)
  if (NOTIFY_SOCKET === undefined) return
  const systemd = new SystemdNotify((reason) => logFailure(app, reason))
  tellOfLife(app, systemd)
  beat(app, systemd)
}

function tellOfLife(app: FastifyInstance, systemd: SystemdNotify): void {
  const { lifecycle } = app
  onceReady(app, () => systemd.tell({ READY: 1, STATUS: 'ready' }))
  lifecycle.signal.addEventListener('abort', () => {
    const { type } = lifecycle.signal.reason as ShutdownReason
    const patience = { EXTEND_TIMEOUT_USEC: Math.ceil(lifecycle.deadline + reserve) * 1_000 }
    // `app.close()` closes only the app, and the process may live on.
    systemd.tell(type === 'close' ? patience : { STOPPING: 1, ...patience })
  })
  const walked: readonly Phase[] = ['lameDuck', 'draining', 'closing']
  lifecycle.on('phase', ({ phase }) => {
    if (walked.includes(phase))
      systemd.tell({ STATUS: `${phase}, requests in flight: ${lifecycle.inFlight}` })
  })
}

/** Sends the sign of life from the event loop, so that systemd notices a blocked event loop. */
function beat(app: FastifyInstance, systemd: SystemdNotify): void {
  const { WATCHDOG_USEC, WATCHDOG_PID } = process.env
  const period = Number(WATCHDOG_USEC) / 1_000
  if (!(period > 0) || !isOurs(WATCHDOG_PID)) return
  // Half of the period, as sd_watchdog_enabled(3) recommends. A unit may set `infinity`.
  const pause = Math.min(period / 2, longestDelay)
  const timer = setInterval(() => systemd.tell({ WATCHDOG: 1 }), pause).unref()
  app.lifecycle.once('report', () => clearInterval(timer))
}

/**
 * Whether the variables of systemd are for this process. Child processes inherit the variables, but the
 * variables are not for child processes.
 */
function isOurs(pid: string | undefined): boolean {
  return pid === undefined || Number(pid) === process.pid
}

function warnOfWrapper(app: FastifyInstance, main: string): void {
  say(
    app.log,
    'warn',
    { code: 'LIFECYCLE_SYSTEMD_NOT_MAIN', main },
    `systemd gets no messages and passes no socket, because it started process ${main}, and this one is a child of that. ` +
      'Start node itself with `ExecStart`, without npm or a shell; under node:cluster or PM2, use `Type=exec`'
  )
}

function logFailure(app: FastifyInstance, reason: string): void {
  say(
    app.log,
    'error',
    { code: 'LIFECYCLE_SYSTEMD_UNREACHABLE' },
    `systemd gets no messages from this app: ${reason}. It needs the program \`systemd-notify\`, and ` +
      '`NotifyAccess=all` in the unit; without them, use `Type=exec`'
  )
}

/**
 * Tells systemd what a unit with `Type=notify` expects. It sends READY when the app is ready. It sends STOPPING, and
 * the time that the shutdown may take, when the shutdown begins. Each phase has a status line. With `WatchdogSec` the
 * event loop sends signs of life. If systemd did not start the process, the plugin does nothing.
 *
 * The unit must have `NotifyAccess=all`: the program `systemd-notify` sends the messages.
 *
 * Throws `FST_LIFECYCLE_OPTION_UNKNOWN` for any option, because it has none.
 *
 * @example
 * ```ts
 * import lifecycle from 'fastify-lifecycle'
 * import systemd from 'fastify-lifecycle/systemd'
 *
 * await app.register(lifecycle)
 * await app.register(systemd)
 * ```
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
 */
const systemd: FastifyPluginAsync = fp(plugin, {
  fastify: fastifyVersions,
  name: 'fastify-lifecycle-systemd',
  dependencies: ['fastify-lifecycle']
})

export default systemd
export type { SystemdSocket } from './systemd-socket.ts'
export { systemdSocket } from './systemd-socket.ts'
export { systemd }
