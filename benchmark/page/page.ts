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

const introduction = `# Side by side with the field

Made by \`npm run compare\` from the files in \`benchmark/results/\`: every result comes from there, and
only what is done, and why another is better where one is, was written by hand.`
