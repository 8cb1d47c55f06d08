import { dirname } from 'node:path'
import type { Conflict } from '../../deployment/conflict.ts'
import { hostReserve, secondsFor } from '../../deployment/grace.ts'
import { graceRule, signalRule } from '../../deployment/rules.ts'
import type { Site } from '../../deployment/site.ts'
import { type App, isConflict, siteOf } from '../app/app.ts'
import type { Image } from '../dockerfile/image.ts'
import type { ReadText } from '../files/folder.ts'
import type { Page } from '../findings/page.ts'
import { initRule } from '../rules/init.ts'
import { misplaced, misspelt } from '../rules/keys.ts'
import { reachRule } from '../rules/reach.ts'
import { stopSignalRule } from '../rules/signals.ts'
import { entryOf, type Tree, textOf, within } from '../tree/tree.ts'
import { whyNot } from './apps.ts'
import { checkHealth, saysHealth } from './health.ts'
import { type Built, builtWith, imageOf, type Started, startedBy } from './image.ts'
import { ownKeys, readKeys, serviceKeys } from './keys.ts'
import { awaitedIn, type Service, servicesIn } from './services.ts'
import { checkUpdates } from './updates.ts'
import { durationOf, isOpen, plainOf, portsOf, variableOf } from './values.ts'

/** A Dockerfile that an app of a compose file is built with. */
export interface BuiltApp extends Built {
  readonly hasInit: boolean
}

/** Checks the services of a compose file that are the app. Returns the Dockerfiles that they are built with. */
export function checkCompose(
  page: Page,
  app: App,
  files: readonly Tree[],
  read: ReadText
): readonly BuiltApp[] {
  const found: BuiltApp[] = []
  const services = files.flatMap((file) => servicesIn(page, file))
  const awaited = awaitedIn(services)
  for (const service of services) {
    const built = page.file === '-' ? undefined : builtWith(dirname(page.file), service.tree)
    const image = imageOf(service.tree, built, read)
    const started = startedBy(service.tree, image, built, read)
    const why = whyNot(app, service, image, started, awaited)
    const subject = `Service ${service.name}`
    if (why !== undefined) {
      page.leaveOut(service.at, subject, why)
      continue
    }
    checkService(page, app, service, image, started)
    if (built !== undefined && image !== undefined) found.push({ ...built, hasInit: hasInit(service) })
  }
  return found
}

function hasInit({ tree }: Service): boolean {
  return textOf(within(tree, 'init')) === 'true'
}

function checkService(
  page: Page,
  app: App,
  service: Service,
  image: Image | undefined,
  started: Started
): void {
  const { tree, at, name } = service
  const subject = `Service ${name}`
  const site = siteOf(app, 'elsewhere')
  if (isConflict(site)) {
    page.say(at, subject, [site])
    return
  }
  checkGrace(page, subject, site, service)
  checkSignal(page, subject, site, service, image)
  checkStart(page, subject, site, service, started)
  const own = app.port ?? Number(variableOf(tree, 'PORT'))
  const ports = portsOf(tree)
  const known =
    app.port === undefined ? [...(own > 0 ? [own] : []), ...ports, ...(image?.ports ?? [])] : [app.port]
  checkHealth(page, subject, site, tree, known, (path) => started.around.fileNamed?.(path))
  checkPorts(page, subject, tree, own, app.port === undefined ? image?.ports : undefined)
  if (!service.isPart) checkUpdates(page, subject, tree, saysHealth(tree) || image?.healthCheck !== undefined)
  misspelt(page, subject, tree, readKeys, serviceKeys)
  for (const place of ['deploy', 'build'] as const) {
    for (const key of ownKeys) {
      const entry = entryOf(within(tree, place), key)
      if (entry !== undefined)
        page.say(entry.at, subject, [
          misplaced(key, `the service, beside \`${place}\``, 'the default counts')
        ])
    }
  }
}

/** Docker's default grace period, in ms. */
const dockerDefault = 10_000

function checkGrace(page: Page, subject: string, site: Site, { tree, at, isPart }: Service): void {
  const key = 'stop_grace_period'
  const entry = entryOf(tree, key)
  const value = plainOf(within(tree, key))
  if (value === undefined && isPart) return
  const needed = secondsFor(site.settings.deadline, hostReserve)
  const remedy = `Write \`${key}: ${needed}s\``
  if (value !== undefined && isOpen(value)) {
    page.cannotRead(entry?.at ?? at, subject, `a variable decides \`${key}\``, remedy, 'note')
    return
  }
  const given = value === undefined ? dockerDefault : durationOf(value)
  if (given === undefined) {
    page.cannotRead(entry?.at ?? at, subject, `\`${key}\` must be a time with its unit`, remedy)
    return
  }
  const setting = value === undefined ? `\`${key}\` is not written, and its default` : `\`${key}\``
  page.say(
    entry?.at ?? at,
    subject,
    graceRule(site.settings, { given, needed: needed * 1_000, setting, remedy })
  )
}

function checkSignal(
  page: Page,
  subject: string,
  site: Site,
  { tree, at, isPart }: Service,
  image?: Image
): void {
  const entry = entryOf(tree, 'stop_signal')
  const signal = plainOf(within(tree, 'stop_signal'))
  if (signal === undefined) {
    // If the Dockerfile sets the signal, the check of the Dockerfile reports it.
    if (!isPart && image?.stopSignal === undefined)
      page.say(at, subject, signalRule(site.settings, 'SIGTERM', 'Docker'))
    return
  }
  const place = entry?.at ?? at
  if (isOpen(signal)) {
    page.cannotRead(
      place,
      subject,
      'a variable decides `stop_signal`',
      'Write the name of the signal',
      'note'
    )
    return
  }
  const write = (name: string) => `\`stop_signal: ${name}\``
  page.say(place, subject, stopSignalRule(site, signal, { platform: 'Docker', write }))
}

function checkStart(
  page: Page,
  subject: string,
  site: Site,
  service: Service,
  { words, hearing, isOwn }: Started
): void {
  if (!isOwn || words.length === 0) return
  const { tree, at } = service
  const key = entryOf(tree, 'command') === undefined ? 'entrypoint' : 'command'
  const place = entryOf(tree, key)?.at ?? at
  // If the image's entrypoint is unknown, these words may be its arguments.
  const isWhole = key === 'entrypoint' || hearing.reach !== 'unknown'
  if (!isWhole) return
  const written = (list: readonly string[]) => `\`${key}: ${JSON.stringify(list)}\``
  page.say(place, subject, reachRule(hearing, written))
  if (!hasInit(service)) page.say(place, subject, initRule(site, hearing, words, 'Write `init: true`'))
}

/**
 * Checks that `ports` leads to the port of the app. If the image exposes several ports, it contains more than the app,
 * for example a proxy in front of the app. Then each of these ports is right.
 */
function checkPorts(
  page: Page,
  subject: string,
  tree: Tree,
  own: number,
  exposed: readonly number[] = []
): void {
  const entry = entryOf(tree, 'ports')
  const targets = entry === undefined ? [] : portsOf(tree)
  if (entry === undefined || !(own > 0) || targets.length === 0 || targets.includes(own)) return
  if (exposed.length > 1 && targets.every((target) => exposed.includes(target))) return
  const conflict: Conflict = {
    rule: 'port-unserved',
    severity: 'warning',
    is: `\`ports\` leads to ${targets.join(' and ')}, and the app listens on ${own}`,
    follows: 'nobody listens there, so every request is refused',
    write: `Write the port of the app behind the colon: \`"${targets[0]}:${own}"\``
  }
  page.say(entry.at, subject, [conflict])
}
