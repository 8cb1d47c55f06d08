import type { Page } from '../findings/page.ts'
import { entryOf, itemsOf, numberOf, type Tree, textOf, wholeOf, within } from '../tree/tree.ts'
import { portsOf, selects } from './ports.ts'
import type { Resource, Workload } from './workloads.ts'

/** The Services that send requests to a workload. */
export function servicesOf(workload: Workload, resources: readonly Resource[]): readonly Resource[] {
  const labels = within(workload.template, 'metadata', 'labels')
  return resources.filter(
    ({ kind, tree }) => kind === 'Service' && selects(within(tree, 'spec', 'selector'), labels)
  )
}

/** Checks that a Service sends requests to the port that the app listens on, and only to ready pods. */
export function checkService(
  page: Page,
  service: Resource,
  containers: readonly Tree[],
  appPort?: number
): void {
  const subject = `Service ${service.name}`
  const spec = within(service.tree, 'spec')
  checkReadiness(page, subject, spec)
  const named = new Map(containers.flatMap((container) => [...portsOf(container).named]))
  const numbers = containers.flatMap((container) => portsOf(container).numbers)
  for (const port of itemsOf(within(spec, 'ports'))) {
    const target = within(port, 'targetPort') ?? within(port, 'port')
    const at = entryOf(port, 'targetPort')?.at ?? entryOf(port, 'port')?.at ?? port.at
    const number = wholeOf(target)
    const name = textOf(target)
    if (number === undefined) {
      if (name === undefined || named.has(name)) continue
      const write = `Name a port of the container \`${name}\`, or write its number`
      page.say(at, subject, [unserved(`\`targetPort: ${name}\` is the name of no port of the pod`, write)])
      continue
    }
    const known = appPort === undefined ? numbers : [...numbers, appPort]
    if (known.length === 0 || known.includes(number)) continue
    const write = `Write \`targetPort: ${appPort ?? numbers[0]}\``
    page.say(at, subject, [
      unserved(`\`targetPort\` is ${number}, and the ports of the pod are ${known.join(' and ')}`, write)
    ])
  }
}

function unserved(is: string, write: string) {
  const follows = 'nobody listens there, so every request is refused'
  return { rule: 'port-unserved', severity: 'warning', is, follows, write } as const
}

function checkReadiness(page: Page, subject: string, spec: Tree | undefined): void {
  const entry = entryOf(spec, 'publishNotReadyAddresses')
  const isHeadless = textOf(within(spec, 'clusterIP')) === 'None'
  if (entry === undefined || isHeadless || textOf(entry.value) !== 'true') return
  page.say(entry.at, subject, [
    {
      rule: 'readiness-ignored',
      severity: 'error',
      is: '`publishNotReadyAddresses` is true',
      follows: 'pods that are not ready yet, or are about to end, get requests like all others',
      write: 'Leave it out'
    }
  ])
}

/** Whether the files show that the workload gets requests. */
export function isServed(services: readonly Resource[], container: Tree): boolean {
  const hasPorts = itemsOf(within(container, 'ports')).some(
    (port) => numberOf(within(port, 'containerPort')) !== undefined
  )
  return services.length > 0 || hasPorts
}
