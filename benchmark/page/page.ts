import { cost } from './cost/cost.ts'
import { rolling } from './rolling.ts'
import { scenarios } from './scenarios.ts'
import type { Picture, Section } from './section.ts'

/** The parts of the page, in their order. */
export const sections: readonly Section[] = [scenarios, rolling, cost]

/** docs/comparison.md and its pictures, from what was found; `read` gives `undefined` for a file that is not there. */
export function renderPage(read: (file: string) => unknown): { markdown: string; pictures: Picture[] } {
  const rendered = sections.flatMap(({ results, render }) => {
    const found = read(results)
    return found === undefined ? [] : [render(found)]
  })
  return {
    markdown: `${[introduction, ...rendered.map(({ markdown }) => markdown)].join('\n\n')}\n`,
    pictures: rendered.flatMap(({ pictures }) => pictures)
  }
}

const introduction = `# Comparison with other packages

This page compares fastify-lifecycle with other ways to shut a Fastify app down. All of them go through the same
scenarios, with a real process and a real signal. The first table counts the scenarios in which nothing was wrong. Then
come the scenarios in which another package is better, and the reasons.

\`npm run bench -- compare\` makes this page from the files in \`benchmark/results/\`. All numbers come from these files.
Only the descriptions of the scenarios and the reasons were written by hand.`
