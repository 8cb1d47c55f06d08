import type { Observations } from '../observations.ts'
import { count, type Finding, fault, ms } from './finding.ts'

/** What to do about a program in front of the app. */
export const startItself =
  'Start the app itself: `node server.js`, in the exec form of CMD, or with `exec` in a shell script.'

/** Why an app was still there when its time was up. */
export function whyStuck(seen: Observations): Finding {
  const { stuck, signal, grace, bystanders, streams, webSockets, tally, probes } = seen
  const title = (what: string) => `${what}: the process had to be killed ${ms(grace)} after ${signal}`
  const isTold = tally.counts.after.toldToComeBack > 0 || probes.some(({ changes }) => changes.length > 0)
  const open = (kind: string) => bystanders.some((each) => each.kind === kind && each.closedAt === undefined)
  if (stuck?.answersNew && !isTold) {
    return fault(
      'ignores-signal',
      title(`The app ignores ${signal}`),
      'It still took new connections, and answered them as if nothing had happened. The platform kills it, with all its requests.',
      `Handle ${signal}, and see that no program in front of the app swallows it. ${startItself}`
    )
  }
  if (stuck?.answersNew) {
    return fault(
      'too-slow',
      title('The shutdown takes too long'),
      'It had begun, and the app was still answering.',
      'Give the app less time than the platform gives it, with `deadline` and `lameDuck` of the plugin. Or give the platform more: --grace 30s'
    )
  }
  if (stuck?.isSilent) {
    return fault(
      'blocked',
      title('The app answers nothing any more'),
      'Its listener takes connections, but nobody serves them: the event loop is blocked, or every handler waits.',
      'Find what blocks: node --cpu-prof, or the plugin, whose watchdog names the line (`hardKill`).'
    )
  }
  if (stuck !== undefined && stuck.unanswered > 0 && !stuck.answersKept) {
    return fault(
      'request-hangs',
      title(`${count(stuck.unanswered, 'request')} in flight ${stuck.unanswered === 1 ? 'hangs' : 'hang'}`),
      'The app waits for requests that never end.',
      'Give the drain a limit, and cut what is left. With the plugin: `drainTimeout`.'
    )
  }
  const stream =
    streams.find(({ how }) => how === undefined) ?? webSockets.find(({ code }) => code === undefined)
  if (stream !== undefined && !stuck?.answersKept) {
    return fault(
      'stream-holds',
      title(`The stream at ${stream.path} holds the process`),
      'It never ends by itself, so waiting for it never ends either.',
      'End streams when the shutdown begins. With the plugin: `config: { lifecycle: { longLived: true } }` on the route.'
    )
  }
  if (stuck?.answersKept || open('idle')) {
    return fault(
      'keep-alive-holds',
      title('Connections that are kept alive hold the process'),
      stuck?.answersKept
        ? 'The listener was closed, but requests on open connections were served on and on.'
        : 'An idle connection was still open.',
      'Answer with `Connection: close` once the shutdown has begun, and end idle connections. The plugin does.'
    )
  }
  if (open('silent')) {
    return fault(
      'silent-holds',
      title('A connection on which nothing was ever sent holds the process'),
      'Browsers and balancers open such connections in advance. server.close() waits for them.',
      'End them when the requests are done: server.closeAllConnections(), or the plugin.'
    )
  }
  return fault(
    'hangs-after-drain',
    title('A step of the shutdown hangs'),
    'All requests were done, and no connection was open any more, but the process went on. A hook or a close() may never end; or a timer or a connection to a database is open.',
    'Give each step a limit. With the plugin: `hookTimeout` and `deadline`; its report names the hook.'
  )
}
