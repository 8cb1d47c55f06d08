import type { Conflict } from '../../deployment/conflict.ts'
import type { Page } from '../findings/page.ts'
import { entryOf, numberOf, type Tree, textOf, wholeOf, within } from '../tree/tree.ts'
import { durationOf, plainOf } from './values.ts'

/** Checks that at least one task of a service goes on serving while Swarm replaces the tasks. */
export function checkUpdates(page: Page, subject: string, service: Tree, isAsked: boolean): void {
  const deploy = within(service, 'deploy')
  const entry = entryOf(deploy, 'update_config')
  if (entry === undefined || textOf(within(deploy, 'mode')) === 'global') return
  const { at, value } = entry
  const replicas = wholeOf(within(deploy, 'replicas')) ?? 1
  const parallelism = numberOf(within(value, 'parallelism')) ?? 1
  const startsFirst = plainOf(within(value, 'order')) === 'start-first'
  const delay = durationOf(plainOf(within(value, 'delay')) ?? '0s') ?? 0
  if (!startsFirst && (parallelism === 0 || parallelism >= replicas)) {
    page.say(entryOf(value, 'order')?.at ?? at, subject, [gap(replicas)])
  } else if (!isAsked && delay === 0) {
    page.say(at, subject, [unasked])
  }
}

function gap(replicas: number): Conflict {
  return {
    rule: 'update-gap',
    severity: 'warning',
    is: `An update stops ${replicas === 1 ? 'the only task' : `all ${replicas} tasks at once`} before it starts the next`,
    follows: 'until the new one listens, every request is refused',
    write: `Write \`order: start-first\`${replicas === 1 ? '' : ', or a smaller `parallelism`'}`
  }
}

const unasked: Conflict = {
  rule: 'probe-missing',
  severity: 'warning',
  is: 'Nothing asks whether a new task is ready, and there is no `delay`',
  follows: 'an update stops the next task as soon as a new process exists, even if it does not listen yet',
  write: 'Add a `healthcheck` that asks the readiness of the app, or a `delay` that is longer than its start'
}
