// Parts of a page that are written by a program: what stands between the markers
// `<!-- generated: name -->` and `<!-- /generated -->`.

const marked = /<!-- generated: (\w+) -->\n.*?<!-- \/generated -->/s

/** The page with the generated part as it is now. */
export function withGenerated(page: string, name: string, content: string): string {
  if (marked.exec(page)?.[1] !== name) throw new Error(`there is no place for '${name}' on the page`)
  return page.replace(marked, () => `<!-- generated: ${name} -->\n\n${content.trim()}\n\n<!-- /generated -->`)
}
