import type { CostResults } from '../../cost/cost.ts'
import type { Section } from '../section.ts'
import { growthPicture } from './picture.ts'
import { servingPart } from './serving.ts'
import { shutdownPart } from './shutdown.ts'
import { startPart } from './start.ts'

/** What each subject costs, while it serves and when it shuts down. */
export const cost: Section = {
  results: 'cost.json',
  render(results) {
    const found = results as CostResults
    const picture = growthPicture(found.shutdown)
    const parts = [
      '## What each costs',
      ...(found.quick
        ? ['**Made by a quick run, which only shows that everything runs: its numbers say nothing.**']
        : []),
      machine(found),
      servingPart(found),
      startPart(found),
      shutdownPart(found, picture.file)
    ]
    return { markdown: parts.join('\n\n'), pictures: [picture] }
  }
}

function machine({
  environment: { date, plugin, fastify, node, processor, cores, system }
}: CostResults): string {
  return [
    `fastify-lifecycle ${plugin}, Fastify ${fastify}, Node.js ${node}`,
    `${cores} cores of ${processor}, ${system}`,
    date
  ].join('; ')
}
