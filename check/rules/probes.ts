import type { Conflict, Severity } from '../../deployment/conflict.ts'
import type { Site } from '../../deployment/site.ts'

/** What a probe is for. */
export type Purpose = 'readiness' | 'liveness' | 'startup' | 'either'

/** An HTTP probe, as the file configures it. */
export interface Probe {
  readonly purpose: Purpose
  /** The name of the probe in the file. */
  readonly name: string
  /** The path, with its query. */
  readonly path: string
  readonly port: number | undefined
}

/** Checks that the app answers the path and the port of a probe, and that the path fits the purpose of the probe. */
export function probeRules({ settings }: Site, probe: Probe, knownPorts: readonly number[] = []): Conflict[] {
  const { health } = settings
  const [path = '/'] = probe.path.split(/[?#]/, 1)
  return [...pathRule(health, probe, path), ...portRule(health, probe, path, knownPorts)]
}

type Health = Site['settings']['health']

function pathRule({ live, ready, startup }: Health, { purpose, name }: Probe, path: string): Conflict[] {
  const [wanted, what] = purpose === 'liveness' ? [live, 'live'] : [ready, 'ready']
  if (path === ready && purpose === 'liveness') {
    return [
      conflict('probe-kind', 'error', {
        is: `${name} asks the readiness of the app, \`${path}\``,
        follows: 'when a dependency of the app fails, all of its processes are restarted at once',
        write: wanted === false ? 'Give `health.live` a path, and ask that' : `Ask \`${wanted}\``
      })
    ]
  }
  if (path === live && purpose === 'readiness') {
    return [
      conflict('probe-kind', 'error', {
        is: `${name} asks the liveness of the app, \`${path}\`, which stays good while the app shuts down`,
        follows: 'requests are sent to an app that is not ready, or is about to end',
        write: wanted === false ? 'Give `health.ready` a path, and ask that' : `Ask \`${wanted}\``
      })
    ]
  }
  if ([live, ready, startup].includes(path)) return []
  const answers = [live, ready, startup].filter((each) => each !== false)
  const isKnown = answers.length > 0
  return [
    conflict('probe-path', 'warning', {
      is: isKnown
        ? `${name} asks \`${path}\`, and the plugin answers ${answers.map((each) => `\`${each}\``).join(' and ')}`
        : `${name} asks \`${path}\`, and the plugin answers no probes (\`health\` is false)`,
      follows: consequence[purpose],
      write:
        wanted === false
          ? `Set \`health: { ${what}: '${path}' }\``
          : `Ask \`${wanted}\`, or set \`health: { ${what}: '${path}' }\``
    })
  ]
}

const consequence: Readonly<Record<Purpose, string>> = {
  readiness:
    'it gets 404, so the app never becomes ready; or a route of the app answers, perhaps with 200 during the shutdown',
  liveness:
    'it gets 404, so the app is restarted again and again; or a route of the app answers, which knows nothing of the shutdown',
  startup: 'it is answered 404, so the app is held for not started, and restarted; or by a route of its own',
  either:
    'it gets 404, so the app counts as unhealthy; or a route of the app answers, perhaps with 200 during the shutdown'
}

function portRule(
  health: Health,
  { name, port }: Probe,
  path: string,
  knownPorts: readonly number[]
): Conflict[] {
  if (port === undefined) return []
  const isOurs = [health.live, health.ready, health.startup].includes(path)
  if (health.port !== undefined && health.port !== 0 && !health.routes && isOurs && port !== health.port) {
    return [
      conflict('probe-port', 'error', {
        is: `${name} asks port ${port}, but the probes are answered on \`health.port\`, ${health.port}`,
        follows: 'it never gets the answer of the plugin',
        write: `Ask port ${health.port}`
      })
    ]
  }
  if (knownPorts.length === 0 || knownPorts.includes(port) || port === health.port) return []
  const listed = knownPorts.join(' and ')
  return [
    conflict('probe-port', 'warning', {
      is: `${name} asks port ${port}, but the app is known to listen on port ${listed}`,
      follows: 'nobody listens there, so the probe always fails',
      write: `Ask port ${knownPorts[0]}, or name the port of the app with --port`
    })
  ]
}

function conflict(
  rule: string,
  severity: Severity,
  text: Pick<Conflict, 'is' | 'follows' | 'write'>
): Conflict {
  return { rule, severity, ...text }
}
