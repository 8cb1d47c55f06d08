import type { Section } from './section.ts'

/** Every scenario, with every subject: how the process ended, and what its clients saw. */
export const scenarios: Section = {
  results: 'compare.json',
  render: () => ({ markdown: '## How each shuts down', pictures: [] })
}
