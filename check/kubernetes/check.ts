import { propagationRule, signalRule } from '../../deployment/rules.ts'
import type { Site } from '../../deployment/site.ts'
import { type App, isConflict, siteOf } from '../app/app.ts'
import type { Page } from '../findings/page.ts'
import { misspelt } from '../rules/keys.ts'
import { reachRule } from '../rules/reach.ts'
import { stopSignalRule } from '../rules/signals.ts'
import { entryOf, itemsOf, type Tree, textOf, textsOf, within } from '../tree/tree.ts'
import { containerHearing, containersOf, subjectOf } from './containers.ts'
import { checkGrace, checkGracePlace, checkProbeGrace, placeOfPreStop, preStopOf } from './grace.ts'
import { containerKeys, podKeys, probeKeys } from './keys.ts'
import { checkProbes } from './probes.ts'
import { checkService, isServed, servicesOf } from './services.ts'
import { checkSidecars } from './sidecars.ts'
import { type Resource, resourcesIn, runsToItsEnd, type Workload, workloadOf } from './workloads.ts'

/** A resource, with the page of the file that it stands in. */
export interface Placed {
  readonly page: Page
  readonly resource: Resource
}

/** The resources of the documents of a file. */
export function placedIn(page: Page, trees: readonly Tree[]): readonly Placed[] {
  return trees.flatMap(resourcesIn).map((resource) => ({ page, resource }))
}

/** Checks everything that is deployed to a cluster. A Service may be in another file than its workload. */
export function checkKubernetes(app: App, placed: readonly Placed[]): void {
  const resources = placed.map(({ resource }) => resource)
  const served = new Map<Resource, Tree[]>()
  const ofTheApp = new Set<Resource>()
  for (const { page, resource } of placed) {
    if (runsToItsEnd(resource.kind)) {
      page.leaveOut(
        resource.tree.at,
        `${resource.kind} ${resource.name}`,
        'it runs to its end, and serves nobody'
      )
      continue
    }
    const workload = workloadOf(resource)
    if (workload === undefined && resource.kind === '') {
      page.cannotRead(
        resource.tree.at,
        '',
        'it is no resource of Kubernetes: it has no `kind`',
        'Say what it is with --as',
        'note'
      )
    }
    page.see()
    if (workload === undefined) continue
    const services = servicesOf(workload, resources)
    const apps = checkWorkload(page, app, workload, services)
    if (apps.length > 0) for (const service of services) ofTheApp.add(service)
    for (const service of services) {
      served.set(service, [...(served.get(service) ?? []), ...itemsOf(within(workload.pod, 'containers'))])
    }
  }
  // The same Service may belong to several workloads, for example to several versions, or to one for each
  // environment.
  for (const { page, resource } of placed) {
    const containers = served.get(resource)
    if (containers !== undefined && ofTheApp.has(resource)) checkService(page, resource, containers, app.port)
  }
}

function checkWorkload(
  page: Page,
  app: App,
  workload: Workload,
  services: readonly Resource[]
): readonly Tree[] {
  const { apps, others } = containersOf(page, app, workload)
  const [first] = apps
  if (first === undefined) return apps
  const site = siteOf(app, 'kubernetes')
  if (isConflict(site)) {
    page.say(workload.at, subjectOf(workload, first), [site])
    return apps
  }
  misspelt(page, subjectOf(workload, first), workload.pod, ['terminationGracePeriodSeconds'], podKeys)
  for (const container of apps) checkContainer(page, app, site, workload, container, services)
  if (!workload.isPatch) checkSidecars(page, subjectOf(workload, first), workload, others)
  return apps
}

function checkContainer(
  page: Page,
  app: App,
  site: Site,
  workload: Workload,
  container: Tree,
  services: readonly Resource[]
): void {
  const subject = subjectOf(workload, container)
  checkGrace(page, subject, site, workload, container)
  checkGracePlace(page, subject, workload, container)
  checkProbeGrace(page, subject, site, container)
  checkProbes(page, subject, site, container, app.port)
  checkSignal(page, subject, site, container)
  checkReach(page, subject, container)
  misspelt(
    page,
    subject,
    container,
    ['readinessProbe', 'livenessProbe', 'startupProbe', 'lifecycle'],
    containerKeys
  )
  for (const name of ['readinessProbe', 'livenessProbe', 'startupProbe'])
    misspelt(page, subject, within(container, name), probeKeys)
  if (workload.isPatch || !isServed(services, container)) return
  page.say(
    placeOfPreStop(container) ?? container.at,
    subject,
    propagationRule(site.settings, (preStopOf(container) ?? 5) * 1_000)
  )
  const { ready } = site.settings.health
  if (entryOf(container, 'readinessProbe') === undefined && ready !== false) {
    page.say(container.at, subject, [
      {
        rule: 'probe-missing',
        severity: 'warning',
        is: 'There is no `readinessProbe`',
        follows:
          'a new pod gets requests before it listens, and an app that is not ready goes on getting them',
        write: `Add a \`readinessProbe\` that asks \`${ready}\` with \`httpGet\``
      }
    ])
  }
}

/** Checks that the app listens to the stop signal. Since Kubernetes 1.33, the file may set another one than SIGTERM. */
function checkSignal(page: Page, subject: string, site: Site, container: Tree): void {
  const lifecycle = within(container, 'lifecycle')
  const entry = entryOf(lifecycle, 'stopSignal')
  const signal = textOf(entry?.value)
  if (entry === undefined) page.say(container.at, subject, signalRule(site.settings, 'SIGTERM', 'Kubernetes'))
  else if (signal !== undefined) {
    const write = (name: string) => `\`stopSignal: ${name}\``
    page.say(entry.at, subject, stopSignalRule(site, signal, { platform: 'Kubernetes', write }))
  }
}

function checkReach(page: Page, subject: string, container: Tree): void {
  const hearing = containerHearing(container)
  if (hearing === undefined) return
  const key = textsOf(within(container, 'command')) === undefined ? 'args' : 'command'
  const at = entryOf(container, key)?.at ?? container.at
  page.say(
    at,
    subject,
    reachRule(hearing, (words) => `\`command: ${JSON.stringify(words)}\``)
  )
}
