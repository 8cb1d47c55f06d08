import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { withFiles } from './files.ts'

// The programs that the documentation shows, each with what it prints. Between the markers
// `<!-- sample: examples/… -->` and `<!-- /sample -->` stand the program and its output; with
// `> docs/…` in the marker, the output is a file.

const root = new URL('../../../', import.meta.url)
const marked = /<!-- sample: (\S+)\.ts (?:> (\S+) )?-->\n.*?<!-- \/sample -->/gs

/** A program that a page shows, and the text that stands there. */
export interface Sample {
  readonly path: string
  readonly shown: string
  /** The file that its output is, where it is one. */
  readonly file: string | undefined
}

/** A sample as it is now: what the page shows, and the file. */
export interface Rendered {
  readonly shown: string
  readonly file: string
}

/** The pages that may have samples. */
export function pages(): URL[] {
  const names = readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' })
  const docs = names.filter((name) => name.endsWith('.md')).map((name) => name.replaceAll('\\', '/'))
  return [new URL('README.md', root), ...docs.map((name) => new URL(`docs/${name}`, root))]
}

export function samplesIn(page: URL): Sample[] {
  const found = readFileSync(page, 'utf8').matchAll(marked)
  return [...found].map(([shown, path, file]) => ({ path: path as string, shown, file }))
}

/** The files that a page shows as they are: after the marker `<!-- file: examples/… -->`. */
export function filesIn(
  page: URL
): { readonly path: string; readonly shown: string; readonly file: string }[] {
  const found = readFileSync(page, 'utf8').matchAll(/<!-- file: (\S+) -->\n\n```\w+\n(.*?)```/gs)
  return [...found].map(([, path = '', shown = '']) => ({
    path,
    shown,
    file: readFileSync(new URL(path, root), 'utf8')
  }))
}

/** Runs a program, and writes it as a page shows it. */
export async function render({ path, file }: Sample): Promise<Rendered> {
  const code = readFileSync(new URL(`${path}.ts`, root), 'utf8')
  const output = `${(await run(path)).trimEnd()}\n`
  const program = `\`\`\`ts\n${code}\`\`\`\n`
  if (file !== undefined) {
    return { shown: `<!-- sample: ${path}.ts > ${file} -->\n\n${program}\n<!-- /sample -->`, file: output }
  }
  const printed = `prints\n\n\`\`\`text\n${output}\`\`\`\n`
  return { shown: `<!-- sample: ${path}.ts -->\n\n${program}\n${printed}\n<!-- /sample -->`, file: '' }
}

/** What stands in the sample's file, if it has one. */
export function fileOf({ file }: Sample): string {
  return file === undefined ? '' : readFileSync(new URL(file, root), 'utf8')
}

/** Writes every sample of the page as it is now. */
export async function update(page: URL): Promise<void> {
  let text = withFiles(readFileSync(page, 'utf8'))
  for (const sample of samplesIn(page)) {
    const { shown, file } = await render(sample)
    text = text.replace(sample.shown, () => shown)
    if (sample.file !== undefined) writeFileSync(new URL(sample.file, root), file)
  }
  writeFileSync(page, text)
}

/**
 * What must not change from run to run. Times do, and so does what follows from them: bars and the
 * ticks above them, the room that is left for words beside a bar, where a line is full, and what is
 * still alive in a certain moment.
 */
export function masked(text: string): string {
  return text
    .replaceAll(/\bT0\b.*/g, 'T0')
    .replaceAll(/<path class="grid".*/g, '')
    .replaceAll(/still alive:[^\n<]*/g, 'still alive')
    .replaceAll(/[█▌▐━╸╺╍]+/g, '')
    .replaceAll(/(\d) +[\w, …-]+ →/g, '$1')
    .replaceAll(/(<|&lt;)?\d+(\.\d+)?/g, '0')
    .replaceAll(' · ', ' ')
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
