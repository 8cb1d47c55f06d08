import type { Page } from '../findings/page.ts'
import { entriesOf, entryOf, type Mapping, type Position, type Tree, textOf, within } from '../tree/tree.ts'

/** One service of a compose file. */
export interface Service {
  readonly name: string
  /** The position of the service's name. */
  readonly at: Position
  readonly tree: Tree
  /** Whether missing keys may be in another file: one that this service extends, or that it overrides. */
  readonly isPart: boolean
}

/** The services of a compose file, with the keys that they take from other services of the file. */
export function servicesIn(page: Page, file: Tree): readonly Service[] {
  const include = entryOf(file, 'include')
  if (include !== undefined) notRead(page, include.at, '', '`include` brings in another file')
  const services = within(file, 'services')
  return entriesOf(services).map(([name, { at, value }]) => {
    const extended = extendedBy(page, name, value, services, new Set())
    const hasImage =
      within(extended.tree, 'image') !== undefined || within(extended.tree, 'build') !== undefined
    return { name, at, tree: extended.tree, isPart: extended.isPart || !hasImage }
  })
}

/** The names of services whose end other services wait for, such as a migration. */
export function awaitedIn(services: readonly Service[]): ReadonlySet<string> {
  const waits = services.flatMap(({ tree }) => entriesOf(within(tree, 'depends_on')))
  const isEnd = (wait: Tree) => textOf(within(wait, 'condition')) === 'service_completed_successfully'
  return new Set(waits.filter(([, { value }]) => isEnd(value)).map(([name]) => name))
}

interface Extended {
  readonly tree: Tree
  readonly isPart: boolean
}

function extendedBy(
  page: Page,
  name: string,
  tree: Tree,
  services: Tree | undefined,
  seen: ReadonlySet<Tree>
): Extended {
  const entry = entryOf(tree, 'extends')
  if (entry === undefined || tree.kind !== 'mapping') return { tree, isPart: false }
  const base = within(services, textOf(entry.value) ?? textOf(within(entry.value, 'service')) ?? '')
  const isElsewhere = within(entry.value, 'file') !== undefined
  if (isElsewhere || base === undefined || seen.has(base)) {
    notRead(page, entry.at, `Service ${name}`, '`extends` takes from another file')
    return { tree, isPart: true }
  }
  const below = extendedBy(page, name, base, services, new Set([...seen, base]))
  return { tree: merged(tree, below.tree), isPart: below.isPart }
}

/** Merges two services. The service's own keys win, key by key, as in Compose. */
function merged(own: Mapping, base: Tree): Tree {
  if (base.kind !== 'mapping') return own
  const entries = new Map(base.entries)
  for (const [key, entry] of own.entries) {
    const below = entries.get(key)
    const isDeep = entry.value.kind === 'mapping' && below !== undefined && below.value.kind === 'mapping'
    entries.set(key, isDeep ? { at: entry.at, value: merged(entry.value as Mapping, below.value) } : entry)
  }
  return { ...own, entries }
}

function notRead(page: Page, at: Position, subject: string, what: string): void {
  const remedy = 'Let Compose write all of it: `docker compose config | npx fastify-lifecycle check -`'
  page.cannotRead(at, subject, `${what}, which is not read`, remedy, 'note')
}
