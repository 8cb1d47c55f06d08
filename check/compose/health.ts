import type { Site } from '../../deployment/site.ts'
import type { Page } from '../findings/page.ts'
import { commandProbeRules } from '../rules/command-probes.ts'
import { entryOf, type Tree, textOf, within } from '../tree/tree.ts'
import { commandWords, plainOf } from './values.ts'

/** Whether a service sets or disables its health check. */
export function saysHealth(service: Tree): boolean {
  return within(service, 'healthcheck', 'test') !== undefined || isDisabled(service)
}

function isDisabled(service: Tree): boolean {
  return textOf(within(service, 'healthcheck', 'disable')) === 'true'
}

/** Checks that the health check asks a path that the plugin answers. */
export function checkHealth(
  page: Page,
  subject: string,
  site: Site,
  service: Tree,
  knownPorts: readonly number[],
  fileNamed: (path: string) => string | undefined
): void {
  const test = entryOf(within(service, 'healthcheck'), 'test')
  if (test === undefined || isDisabled(service)) return
  const words = healthWords(test.value)
  if (words === undefined) {
    page.say(test.at, subject, [
      {
        rule: 'command-broken',
        severity: 'error',
        is: 'The first word of `test` is not `CMD`, `CMD-SHELL` or `NONE`',
        follows: 'Compose rejects the file',
        write: 'Write `test: ["CMD", …]`'
      }
    ])
  } else if (words.length > 0) {
    const probe = { purpose: 'either', name: '`healthcheck`', words } as const
    page.say(test.at, subject, commandProbeRules(site, probe, knownPorts, fileNamed))
  }
}

/** The words of the health check's command: empty if it is disabled, `undefined` if it is no command. */
function healthWords(test: Tree): readonly string[] | undefined {
  const text = plainOf(test)
  if (text !== undefined) return ['sh', '-c', text]
  const [kind, ...words] = commandWords(test) ?? []
  if (kind === undefined || kind === 'NONE') return []
  return kind === 'CMD' || kind === 'CMD-SHELL' ? words : undefined
}
