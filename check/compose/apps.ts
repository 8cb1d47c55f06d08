import { type App, isAskedFor } from '../app/app.ts'
import { otherThanNode } from '../app/others.ts'
import { foreign, type Image } from '../dockerfile/image.ts'
import { within } from '../tree/tree.ts'
import type { Started } from './image.ts'
import type { Service } from './services.ts'
import { namesIn, plainOf } from './values.ts'

/** Whether a stage or a profile with this name may be for production. */
export function isForProduction(name: string | undefined): boolean {
  return name === undefined || !forDevelopers.test(name)
}

const forDevelopers = /^(dev|devel|development|local|test|tests|testing|e2e|ci|debug|tools?|lint)$/i

/** Why a service is not an app; `undefined` if it is one of the apps. */
export function whyNot(
  app: App,
  { name, tree }: Service,
  image: Image | undefined,
  { hearing }: Started,
  awaited: ReadonlySet<string>
): string | undefined {
  if (app.names.length > 0) {
    const isMeant = isAskedFor(app, name, plainOf(within(tree, 'container_name')))
    return isMeant ? undefined : 'another was named with --app'
  }
  if (awaited.has(name)) return 'it runs to its end, and serves nobody'
  const profiles = namesIn(within(tree, 'profiles'))
  if (profiles.length > 0 && !profiles.some(isForProduction))
    return `it is started with the profile ${profiles[0]} only`
  if (image === undefined) {
    const other =
      otherThanNode(plainOf(within(tree, 'image'))) ??
      (hearing.reach === 'unknown' ? otherThanNode(name) : undefined)
    if (other !== undefined) return `the image is ${other}`
    return hearing.reach === 'other' ? `it starts ${hearing.program}` : undefined
  }
  return foreign(image, hearing)
}
