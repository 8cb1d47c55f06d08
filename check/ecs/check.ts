import { hostReserve, secondsFor } from '../../deployment/grace.ts'
import { graceRule, signalRule } from '../../deployment/rules.ts'
import type { Site } from '../../deployment/site.ts'
import { type App, isAskedFor, isConflict, siteOf } from '../app/app.ts'
import { otherThanNode } from '../app/others.ts'
import { hearingOf } from '../commands/hearing.ts'
import { shellOf } from '../commands/shells.ts'
import type { Page } from '../findings/page.ts'
import { commandProbeRules } from '../rules/command-probes.ts'
import { initRule } from '../rules/init.ts'
import { misplaced, misspelt } from '../rules/keys.ts'
import { unservedRule } from '../rules/ports.ts'
import { reachRule } from '../rules/reach.ts'
import { entryOf, itemsOf, type Tree, textOf, textsOf, wholeOf, within } from '../tree/tree.ts'

/** The grace period of ECS by default, and the longest grace period on Fargate, in s. */
const usual = 30
const longest = 120

// biome-ignore format: a list of names
const otherKeys = [
  'name', 'image', 'cpu', 'memory', 'memoryReservation', 'essential', 'environment', 'environmentFiles', 'secrets',
  'mountPoints', 'volumesFrom', 'dependsOn', 'startTimeout', 'hostname', 'user', 'workingDirectory', 'privileged',
  'readonlyRootFilesystem', 'dnsServers', 'dnsSearchDomains', 'extraHosts', 'dockerSecurityOptions', 'interactive',
  'pseudoTerminal', 'dockerLabels', 'ulimits', 'logConfiguration', 'systemControls', 'resourceRequirements',
  'firelensConfiguration', 'links', 'disableNetworking', 'repositoryCredentials', 'restartPolicy', 'credentialSpecs',
  'versionConsistency', 'portMappings', 'entryPoint', 'command', 'linuxParameters'
]

/** Checks the containers of task definitions. */
export function checkECS(page: Page, app: App, trees: readonly Tree[]): void {
  for (const tree of trees) {
    const task = within(tree, 'taskDefinition') ?? tree
    const list = tree.kind === 'sequence' ? tree : within(task, 'containerDefinitions')
    for (const container of itemsOf(list)) checkContainer(page, app, container)
    const entry = entryOf(task, 'stopTimeout')
    if (entry !== undefined)
      page.say(entry.at, '', [
        misplaced('stopTimeout', 'the definition of the container', `it gets ${usual} s`)
      ])
  }
}

function checkContainer(page: Page, app: App, container: Tree): void {
  if (container.kind !== 'mapping') return
  const name = textOf(within(container, 'name'))
  const image = textOf(within(container, 'image'))
  const subject = `Container ${name ?? '(no name)'}`
  const words = [
    ...(textsOf(within(container, 'entryPoint')) ?? []),
    ...(textsOf(within(container, 'command')) ?? [])
  ]
  const hearing = hearingOf(words, { shell: shellOf(image) })
  const other = otherThanNode(image) ?? sidecars.exec(image ?? '')?.[0]
  if (!isAskedFor(app, name)) page.leaveOut(container.at, subject, 'another was named with --app')
  else if (app.names.length === 0 && other !== undefined)
    page.leaveOut(container.at, subject, `the image is ${other}`)
  else if (app.names.length === 0 && hearing.reach === 'other')
    page.leaveOut(container.at, subject, `it starts ${hearing.program}`)
  else {
    const site = siteOf(app, 'elsewhere')
    if (isConflict(site)) page.say(container.at, subject, [site])
    else check(page, subject, site, app, container, words, hearing)
  }
}

const sidecars =
  /aws-for-fluent-bit|aws-otel-collector|xray-daemon|cloudwatch-agent|appmesh-envoy|ecs-service-connect/

function check(
  page: Page,
  subject: string,
  site: Site,
  app: App,
  container: Tree,
  words: readonly string[],
  hearing: ReturnType<typeof hearingOf>
): void {
  checkGrace(page, subject, site, container)
  page.say(container.at, subject, signalRule(site.settings, 'SIGTERM', 'ECS'))
  const key = within(container, 'command') === undefined ? 'entryPoint' : 'command'
  const at = entryOf(container, key)?.at ?? container.at
  // Without an entry point, these words may be the arguments of the image's own entry point.
  if (words.length > 0 && (key === 'entryPoint' || hearing.reach !== 'unknown')) {
    page.say(
      at,
      subject,
      reachRule(hearing, (list) => `\`"${key}": ${JSON.stringify(list)}\``)
    )
    const hasInit = textOf(within(container, 'linuxParameters', 'initProcessEnabled')) === 'true'
    const write = 'Write `"linuxParameters": { "initProcessEnabled": true }`'
    if (!hasInit) page.say(at, subject, initRule(site, hearing, words, write))
  }
  const ports = itemsOf(within(container, 'portMappings')).flatMap(
    (each) => wholeOf(within(each, 'containerPort')) ?? []
  )
  page.say(
    entryOf(container, 'portMappings')?.at ?? container.at,
    subject,
    unservedRule('`portMappings` leads to', ports, app.port)
  )
  const health = entryOf(within(container, 'healthCheck'), 'command')
  const command = textsOf(health?.value)
  if (health !== undefined && command !== undefined && command[0] !== 'NONE') {
    const probe = { purpose: 'either', name: '`healthCheck`', words: command.slice(1) } as const
    page.say(health.at, subject, commandProbeRules(site, probe, ports))
  }
  misspelt(page, subject, container, ['stopTimeout', 'healthCheck'], otherKeys)
}

function checkGrace(page: Page, subject: string, site: Site, container: Tree): void {
  const entry = entryOf(container, 'stopTimeout')
  const value = within(container, 'stopTimeout')
  const needed = secondsFor(site.settings.deadline, hostReserve)
  const given = value === undefined ? usual : wholeOf(value)
  const at = entry?.at ?? container.at
  if (given === undefined) {
    page.cannotRead(
      at,
      subject,
      '`stopTimeout` must be a number of seconds',
      `Write \`"stopTimeout": ${needed}\``
    )
    return
  }
  const setting = value === undefined ? '`stopTimeout` is not written, and its default' : '`stopTimeout`'
  const most = needed > longest ? `. Fargate waits ${longest} s at most` : ''
  const remedy = `Write \`"stopTimeout": ${needed}\`${most}`
  page.say(
    at,
    subject,
    graceRule(site.settings, { given: given * 1_000, needed: needed * 1_000, setting, remedy })
  )
}
