import type { Conflict } from '../../deployment/conflict.ts'
import { placeOf } from '../../deployment/options.ts'
import { type Site, siteIn } from '../../deployment/site.ts'
import type { LifecycleOptions } from '../../lib/options/options.ts'

/** The deployed app, as far as the command knows it. */
export interface App {
  readonly options: LifecycleOptions
  /** The port that it listens on, where that is known. */
  readonly port: number | undefined
  /** What is the app among all that is deployed; empty: whatever may be. */
  readonly names: readonly string[]
}

/** Where it runs: the defaults depend on that. */
export type Where = 'kubernetes' | 'elsewhere'

/** The app at one place, or what makes it impossible to start it there. */
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

/** The app where nobody knows which it is: outside of Kubernetes, unless it cannot start there. */
export function siteAnywhere(app: App): Site | Conflict {
  const site = siteOf(app, 'elsewhere')
  return isConflict(site) ? siteOf(app, 'kubernetes') : site
}

export function isConflict(site: Site | Conflict): site is Conflict {
  return 'rule' in site
}

/** Whether something of these names was asked for; where nothing was named, everything is. */
export function isAskedFor({ names }: App, ...own: readonly (string | undefined)[]): boolean {
  return names.length === 0 || own.some((name) => name !== undefined && names.includes(name))
}
