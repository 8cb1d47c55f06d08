import type { Page } from '../findings/page.ts'
import { start, type Tree } from '../tree/tree.ts'
import { documentsIn } from '../tree/yaml.ts'
import type { Source } from './source.ts'

const remedies = {
  helm: 'Render it first: `helm template . | npx fastify-lifecycle check -`',
  yaml: 'Mend it, or render it first if it is a template'
} as const

/** The documents of a YAML or JSON file. Reports the parts that cannot be read. */
export function treesIn(page: Page, { text }: Source): readonly Tree[] {
  const { trees, unreadable, template } = read(text)
  if (template !== undefined) {
    page.cannotRead(template, '', 'it is a template of Helm, which is no YAML', remedies.helm)
    return []
  }
  for (const { at, reason } of unreadable) page.cannotRead(at, '', reason, remedies.yaml)
  return trees
}

function read(text: string): ReturnType<typeof documentsIn> {
  try {
    return documentsIn(text)
  } catch (error) {
    // The file is nested so deeply that the stack overflows.
    return { trees: [], unreadable: [{ at: start, reason: (error as Error).message }], template: undefined }
  }
}
