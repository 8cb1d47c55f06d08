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

Each way to shut a Fastify app down goes through the same scenarios, with a real process and a real signal. The first
table says how many of them each does as it should. Then come the rows where another package is better, and why.

\`npm run bench -- compare\` makes this page from the files in \`benchmark/results/\`. Every result comes from there.
Only the descriptions of the scenarios and the reasons were written by hand.`
