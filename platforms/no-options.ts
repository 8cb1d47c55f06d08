import { FST_LIFECYCLE_OPTION_UNKNOWN } from '../lib/errors.ts'

/** What a platform is told follows from the options of the lifecycle: its plugin has none of its own. */
export function noOptions(plugin: string, options: object): void {
  for (const option of Object.keys(options)) {
    throw new FST_LIFECYCLE_OPTION_UNKNOWN(
      option,
      `The plugin fastify-lifecycle/${plugin} has no options: give them to fastify-lifecycle itself.`
    )
  }
}
