import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// The programs that the documentation shows, each with what it prints. Between the markers
// `<!-- sample: examples/… -->` and `<!-- /sample -->` stand the program and its output.

const root = new URL('../../../', import.meta.url)
const marked = /(<!-- sample: (\S+)\.ts -->\n).*?(<!-- \/sample -->)/gs

/** A program that a page shows, and the text that stands there. */
export interface Sample {
  readonly path: string
  readonly shown: string
}

/** The pages that may have samples. */
export function pages(): URL[] {
  const docs = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'))
  return [new URL('README.md', root), ...docs.map((name) => new URL(`docs/${name}`, root))]
}

export function samplesIn(page: URL): Sample[] {
  return [...readFileSync(page, 'utf8').matchAll(marked)].map(([shown, , path]) => ({
    path: path as string,
    shown
  }))
}

/** Runs a program, and writes it as a page shows it. */
export async function render({ path }: Sample): Promise<string> {
  const code = readFileSync(new URL(`${path}.ts`, root), 'utf8')
  const output = await run(path)
  const shown = ['```ts\n', code, '```\n\n', 'prints\n\n', '```text\n', `${output.trimEnd()}\n`, '```\n']
  return `<!-- sample: ${path}.ts -->\n\n${shown.join('')}\n<!-- /sample -->`
}

/** The page with every sample as it is now. */
export async function rendered(page: URL): Promise<string> {
  let text = readFileSync(page, 'utf8')
  for (const sample of samplesIn(page))
    text = text.replace(sample.shown, (await render(sample)).replaceAll('$', '$$$$'))
  return text
}

/**
 * What must not change from run to run: times do, and so do the bars that are drawn of them, and
 * where a line is full.
 */
export function masked(text: string): string {
  return text
    .replaceAll(/\bT0\b.*/g, 'T0')
    .replaceAll(/[█▌▐━╸╺╍]+/g, '')
    .replaceAll(/<?\d+(\.\d+)?/g, '0')
    .replaceAll(/[ \n]+/g, ' ')
}

/** Exits as it likes: a failed shutdown is worth showing. */
function run(path: string): Promise<string> {
  const program = fileURLToPath(new URL(`dist/${path}.js`, root))
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, KUBERNETES_SERVICE_HOST: '' }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program], { env }, (error, stdout, stderr) => {
      if (stderr === '') resolve(stdout)
      else reject(new Error(`${path} wrote to stderr: ${stderr}`, { cause: error }))
    })
  })
}
