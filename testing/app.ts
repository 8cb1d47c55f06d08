import type { Life } from '../lib/app/life.ts'
import { type Lifecycle, lifeOf as lifeBehind } from '../lib/app/lifecycle.ts'
import { attempt } from '../lib/validation/read.ts'
import { describe } from '../lib/validation/validate.ts'
import { FST_LIFECYCLE_TEST_APP, FST_LIFECYCLE_TEST_TOO_LATE } from './errors.ts'

/** An app on which the plugin is registered, whatever its server, logger and type provider. */
export interface AppUnderTest {
  readonly lifecycle: Lifecycle
  /** Fastify's own method. */
  close(): unknown
}

/** The life of an app that has not begun to shut down. */
export function lifeOf(app: AppUnderTest): Life {
  const lifecycle = attempt<unknown>(() => app.lifecycle, undefined)
  if (typeof lifecycle !== 'object' || lifecycle === null) throw new FST_LIFECYCLE_TEST_APP(describeApp(app))
  const life = attempt(() => lifeBehind(lifecycle as Lifecycle), undefined)
  if (typeof life?.moveTo !== 'function')
    throw new FST_LIFECYCLE_TEST_APP('one of another version of the package')
  if (life.phase !== 'starting' && life.phase !== 'ready') {
    throw new FST_LIFECYCLE_TEST_TOO_LATE('`fakeProcess`', life.phase)
  }
  return life
}

/**
 * Describes a value that is not an app. An object gets only a short text, because it may be too large for a
 * message.
 */
function describeApp(app: unknown): string {
  return typeof app === 'object' && app !== null ? 'an object without `lifecycle`' : describe(app)
}
