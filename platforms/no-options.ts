import { FST_LIFECYCLE_OPTION_UNKNOWN } from '../lib/errors.ts'
import { kindOf, propertiesOf } from '../lib/validation/read.ts'
import { invalid } from '../lib/validation/validate.ts'

/** The plugin of a platform takes everything from the options of the lifecycle, so it has no options of its own. */
export function noOptions(plugin: string, options: object): void {
  const properties = kindOf(options) === 'object' ? propertiesOf(options, []) : undefined
  if (properties === undefined) throw invalid('options', 'left out', options)
  for (const option of properties.others) {
    throw new FST_LIFECYCLE_OPTION_UNKNOWN(
      option,
      `The plugin fastify-lifecycle/${plugin} has no options: give them to fastify-lifecycle itself.`
    )
  }
}
