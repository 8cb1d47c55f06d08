import type { Conflict } from '../../deployment/conflict.ts'
import { placeOf } from '../../deployment/options.ts'
import { type Site, siteIn } from '../../deployment/site.ts'
import type { LifecycleOptions } from '../../lib/options/options.ts'

/** The deployed app, as far as the command knows it. */
export interface App {
  readonly options: LifecycleOptions
  /** The port that the app listens on, if that is known. */
  readonly port: number | undefined
  /**
   * The names of the services or containers that are the app. If empty, everything that may be the app is
   * checked.
   */
  readonly names: readonly string[]
}

/** The place where the app runs. The defaults of its options depend on this place. */
export type Where = 'kubernetes' | 'elsewhere'

/** The app at one place, or the conflict that keeps the app from starting there. */
export function siteOf({ options, port }: App, where: Where): Site | Conflict {
  try {
    return siteIn(where, options, placeOf(port === undefined ? {} : { port }))
  } catch (error) {
    return {
      rule: 'options-impossible',
      severity: 'error',
      is: `With these options the app does not start here: ${(error as Error).message.replace(/\.$/, '')}`,
      follows: '`register` rejects with this error',
      write: 'Set `deadline`, `lameDuck` and `drainTimeout` so that they fit'
    }
  }
}

/** The app at an unknown place: outside of Kubernetes, unless the app cannot start there. */
export function siteAnywhere(app: App): Site | Conflict {
  const site = siteOf(app, 'elsewhere')
  return isConflict(site) ? siteOf(app, 'kubernetes') : site
}

export function isConflict(site: Site | Conflict): site is Conflict {
  return 'rule' in site
}

/** Whether the user asked for something with one of these names. If the user named nothing, everything counts. */
export function isAskedFor({ names }: App, ...own: readonly (string | undefined)[]): boolean {
  return names.length === 0 || own.some((name) => name !== undefined && names.includes(name))
}
