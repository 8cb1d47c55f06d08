import type { Site } from '../../deployment/site.ts'
import type { Page } from '../findings/page.ts'
import { commandProbeRules } from '../rules/command-probes.ts'
import { type Purpose, probeRules } from '../rules/probes.ts'
import { entryOf, type Position, type Tree, textOf, textsOf, wholeOf, within } from '../tree/tree.ts'
import { type Ports, portFromEnvironment, portsOf } from './ports.ts'

const purposes = { readinessProbe: 'readiness', livenessProbe: 'liveness', startupProbe: 'startup' } as const

/** Checks that the kubelet's probes ask the right path, on a port that answers. */
export function checkProbes(
  page: Page,
  subject: string,
  site: Site,
  container: Tree,
  appPort?: number
): void {
  const ports = portsOf(container)
  const own = appPort ?? portFromEnvironment(container)
  const known = own === undefined ? ports.numbers : [own]
  for (const [name, purpose] of Object.entries(purposes)) {
    const entry = entryOf(container, name)
    if (entry === undefined) continue
    const { at, value } = entry
    const httpGet = within(value, 'httpGet')
    if (httpGet !== undefined) {
      const port = portOf(page, subject, within(httpGet, 'port'), ports, `${name}`)
      const path = within(httpGet, 'path')
      if (path?.kind === 'unknown') {
        page.cannotRead(path.at, subject, path.why, 'Render the file first', 'note')
      } else {
        const probe = { purpose, name: `\`${name}\``, path: textOf(path) ?? '/', port }
        page.say(entryOf(httpGet, 'path')?.at ?? at, subject, probeRules(site, probe, known))
      }
    } else if (within(value, 'tcpSocket') !== undefined) {
      checkSocket(page, subject, name, purpose, at, site)
    } else {
      checkCommand(page, subject, site, { name, purpose, at, command: within(value, 'exec', 'command') })
    }
  }
}

function portOf(
  page: Page,
  subject: string,
  port: Tree | undefined,
  { named }: Ports,
  name: string
): number | undefined {
  const number = wholeOf(port)
  const text = textOf(port)
  if (port === undefined || number !== undefined || text === undefined) return number
  const found = named.get(text)
  if (found === undefined) {
    page.say(port.at, subject, [
      {
        rule: 'port-unserved',
        severity: 'error',
        is: `\`${name}\` asks the port \`${text}\`, and no port of the container has that name`,
        follows: 'the probe always fails',
        write: `Name a port of the container \`${text}\`, or write its number`
      }
    ])
  }
  return found
}

/** Reports a probe that only opens a TCP connection, because it cannot see whether the app is ready or alive. */
function checkSocket(
  page: Page,
  subject: string,
  name: string,
  purpose: Purpose,
  at: Position,
  site: Site
): void {
  const { live, ready } = site.settings.health
  if (purpose !== 'readiness' || ready === false) {
    if (purpose !== 'liveness' || live === false) return
    page.say(at, subject, [
      {
        rule: 'probe-kind',
        severity: 'note',
        is: `\`${name}\` only opens a connection (\`tcpSocket\`)`,
        follows: 'an app whose event loop is blocked still takes connections, so nobody restarts it',
        write: `Ask \`${live}\` with \`httpGet\``
      }
    ])
    return
  }
  page.say(at, subject, [
    {
      rule: 'probe-kind',
      severity: 'warning',
      is: `\`${name}\` only opens a connection (\`tcpSocket\`)`,
      follows: 'a pod gets requests as soon as it listens, even if its checks fail or a hold is not released',
      write: `Ask \`${ready}\` with \`httpGet\``
    }
  ])
}

interface CommandProbe {
  readonly name: string
  readonly purpose: Purpose
  readonly at: Position
  readonly command: Tree | undefined
}

function checkCommand(page: Page, subject: string, site: Site, probe: CommandProbe): void {
  const { name, purpose, at, command } = probe
  const words = textsOf(command)
  if (words === undefined) return
  page.say(at, subject, commandProbeRules(site, { purpose, name: `\`${name}\``, words }))
}
