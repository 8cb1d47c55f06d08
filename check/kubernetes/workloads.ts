import { entryOf, itemsOf, type Position, type Tree, textOf, within } from '../tree/tree.ts'

/** A resource of Kubernetes. */
export interface Resource {
  readonly kind: string
  readonly name: string
  readonly tree: Tree
}

/** A resource that starts pods. */
export interface Workload extends Resource {
  /** The pod template, with `metadata` and `spec`. */
  readonly template: Tree
  readonly pod: Tree
  /** The position at which the pod's spec begins. */
  readonly at: Position
  /** Whether the file is a patch. A patch has only its changes, so missing keys may be elsewhere. */
  readonly isPatch: boolean
}

/** The resources of a document; a List has several. */
export function resourcesIn(tree: Tree): readonly Resource[] {
  const kind = textOf(within(tree, 'kind')) ?? ''
  if (/List$/.test(kind) && within(tree, 'items') !== undefined)
    return itemsOf(within(tree, 'items')).flatMap(resourcesIn)
  const metadata = within(tree, 'metadata')
  const name = textOf(within(metadata, 'name')) ?? textOf(within(metadata, 'generateName')) ?? '(no name)'
  return [{ kind, name, tree }]
}

/** The resource as something that starts pods, or nothing. */
export function workloadOf(resource: Resource): Workload | undefined {
  const { kind, tree } = resource
  const template = kind === 'Pod' ? tree : within(tree, 'spec', 'template')
  const entry = entryOf(template, 'spec')
  const containers = within(entry?.value, 'containers')
  if (template === undefined || entry === undefined || containers?.kind !== 'sequence') return undefined
  const isPatch = containers.items.every((container) => within(container, 'image') === undefined)
  return { ...resource, template, pod: entry.value, at: entry.at, isPatch }
}

/** Whether pods of this kind run to their end and serve no requests. */
export function runsToItsEnd(kind: string): boolean {
  return kind === 'Job' || kind === 'CronJob'
}
