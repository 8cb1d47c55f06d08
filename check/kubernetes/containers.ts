import { type App, isAskedFor } from '../app/app.ts'
import { otherThanNode } from '../app/others.ts'
import { type Hearing, hearingOf } from '../commands/hearing.ts'
import { shellOf } from '../commands/shells.ts'
import type { Page } from '../findings/page.ts'
import { itemsOf, type Tree, textOf, textsOf, within } from '../tree/tree.ts'
import { sidecarOf } from './sidecars.ts'
import type { Workload } from './workloads.ts'

/** The containers of a pod. `apps` are the containers that may run the app, and `others` all other containers. */
export interface Containers {
  readonly apps: readonly Tree[]
  readonly others: readonly Tree[]
}

export function containersOf(page: Page, app: App, workload: Workload): Containers {
  const containers = itemsOf(within(workload.pod, 'containers'))
  const apps: Tree[] = []
  const others: Tree[] = []
  for (const container of containers) {
    const why = whyNot(app, workload, container)
    if (why === undefined) apps.push(container)
    else {
      others.push(container)
      if (sidecarOf(container) === undefined) page.leaveOut(container.at, subjectOf(workload, container), why)
    }
  }
  return { apps, others }
}

export function subjectOf({ kind, name }: Workload, container: Tree): string {
  return `${kind || 'pod'} ${name}, container ${textOf(within(container, 'name')) ?? '(no name)'}`
}

function whyNot(app: App, { name }: Workload, container: Tree): string | undefined {
  if (app.names.length > 0) {
    const own = textOf(within(container, 'name'))
    return isAskedFor(app, name, own) ? undefined : 'another was named with --app'
  }
  if (sidecarOf(container) !== undefined) return 'it stands beside an app'
  const other = otherThanNode(textOf(within(container, 'image')))
  if (other !== undefined) return `the image is ${other}`
  const hearing = containerHearing(container)
  return hearing?.reach === 'other' ? `it starts ${hearing.program}` : undefined
}

/** Which process receives the signal, if the file has the start command. */
export function containerHearing(container: Tree): Hearing | undefined {
  const command = textsOf(within(container, 'command'))
  const args = textsOf(within(container, 'args')) ?? []
  const words = [...(command ?? []), ...args]
  if (words.length === 0) return undefined
  const hearing = hearingOf(words, { shell: shellOf(textOf(within(container, 'image'))) })
  // Without a command, the image's own command runs, and these words may be its arguments.
  return command === undefined && hearing.reach === 'unknown' ? undefined : hearing
}
