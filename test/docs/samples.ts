import { readFileSync, writeFileSync } from 'node:fs'
import { runToEnd } from '../support/children.ts'
import { withFiles } from './files.ts'
import { inRoot, type Page, writtenPages } from './pages.ts'

// The programs that the documentation shows, each with what it prints. Between the markers
// `<!-- sample: examples/… -->` and `<!-- /sample -->` stand the program and its output. In the
// marker, `> docs/…` says that the output is a file, `as yaml` what language it is, and `| log` that
// it is a log: then each line of the lifecycle is shown as its level, code and text, and how the
// process ended comes last. `| output` leaves the program out.

const marked =
  /<!-- sample: (\S+)\.ts (as (\w+) )?(\| (log|output) )?(?:> (\S+) )?-->\n.*?<!-- \/sample -->/gs

/** A program that a page shows, and the text that stands there. */
export interface Sample {
  readonly path: string
  readonly shown: string
  /** The language that its output is in. */
  readonly language: string
  readonly isLog: boolean
  /** Whether the program is left out. */
  readonly isOutputAlone: boolean
  /** The file that its output is, where it is one. */
  readonly file: string | undefined
}

/** A sample as it is now: what the page shows, and the file. */
export interface Rendered {
  readonly shown: string
  readonly file: string
}

/** How a program ended, and what it said. */
interface Run {
  readonly stdout: string
  readonly stderr: string
  readonly end: string
}

export function samplesIn({ text }: Page): Sample[] {
  return [...text.matchAll(marked)].map(([shown, path, , language = 'text', , what, file]) => ({
    path: path as string,
    shown,
    language,
    isLog: what === 'log',
    isOutputAlone: what === 'output',
    file
  }))
}

/** Runs a program, and writes it as a page shows it. */
export async function render(sample: Sample): Promise<Rendered> {
  const code = readFileSync(inRoot(`${sample.path}.ts`), 'utf8')
  const output = `${outputOf(sample, await run(sample.path)).trimEnd()}\n`
  const [marker] = sample.shown.split('\n') as [string]
  const program = sample.isOutputAlone ? '' : `\`\`\`ts\n${code}\`\`\`\n\n`
  const printed = sample.isLog ? 'logs' : 'prints'
  const shown = `${sample.isOutputAlone ? '' : `${printed}\n\n`}\`\`\`${sample.language}\n${output}\`\`\`\n\n`
  return {
    shown: `${marker}\n\n${program}${sample.file === undefined ? shown : ''}<!-- /sample -->`,
    file: sample.file === undefined ? '' : output
  }
}

/** What stands in the sample's file, if it has one. */
export function fileOf({ file }: Sample): string {
  return file === undefined ? '' : readFileSync(inRoot(file), 'utf8')
}

/** Runs every program that the pages show, and writes what it prints, and the files that they show, into them. */
export async function writeSamples(): Promise<void> {
  for (const page of writtenPages()) {
    let text = withFiles(page.text)
    for (const sample of samplesIn(page)) {
      const { shown, file } = await render(sample)
      // What differs in times alone is left as it is.
      if (masked(shown) !== masked(sample.shown)) text = text.replace(sample.shown, () => shown)
      if (masked(file) !== masked(fileOf(sample))) writeFileSync(inRoot(sample.file as string), file)
    }
    writeFileSync(inRoot(page.path), text)
  }
}

/**
 * What must not change from run to run. Times do, and so does what follows from them: bars and the
 * ticks above them, the room that is left for words beside a bar, where a line is full, and what is
 * still alive in a certain moment. How a process ends does not.
 */
export function masked(text: string): string {
  return text
    .replaceAll(/^ +ms +0 .*/gm, 'ms')
    .replaceAll(/(?:(?:<|&lt;)?\d+(?:\.\d+)?) (?:ms|s)\b/g, '0 ms')
    .replaceAll(/<path class="grid".*/g, '')
    .replaceAll(/still alive:[^\n<]*/g, 'still alive')
    .replaceAll(/[█▌▐━╸╺╍]+/g, '')
    .replaceAll(/(\d) +[\w, …-]+ →/g, '$1')
    .replaceAll(/\(\/[^()]*\/([\w.-]+):\d+:\d+\)/g, '($1)')
    .replaceAll(/(?<!code |status |GET \/orders |\/livez |\/readyz |in flight: )(<|&lt;)?\d+(\.\d+)?/g, '0')
    .replaceAll(' · ', ' ')
    .replaceAll(/[ \n]+/g, ' ')
}

/** An app without a logger says on stderr how its shutdown failed. */
export const lineOfFailure: RegExp = /^(shutdown failed .*; exit code \d+\n)?$/

/** Only what is shown as a log may write to stderr, but for that line. */
function outputOf({ path, isLog }: Sample, { stdout, stderr, end }: Run): string {
  if (isLog) return `${logLines(placeless(stdout + stderr))}\n${end}`
  if (lineOfFailure.test(stderr)) return placeless(stdout)
  throw new Error(`${path} wrote to stderr: ${stderr}`)
}

const levels: Readonly<Record<number, string>> = { 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

function logLines(output: string): string {
  return output
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      if (!line.startsWith('{')) return [line]
      const { level, code, msg } = JSON.parse(line)
      return code === undefined ? [] : [`${levels[level]?.padEnd(5)}  ${code.padEnd(16)}  ${msg}`]
    })
    .join('\n')
}

/** Where the project lies is nobody's business. */
function placeless(text: string): string {
  return text.replaceAll(inRoot('build/'), '/app/')
}

/** Exits as it likes: a failed shutdown is worth showing. */
async function run(path: string): Promise<Run> {
  const program = inRoot(`build/${path}.js`)
  // Without what measures coverage: that would write for longer at the exit than some of them have left.
  const env = {
    ...process.env,
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
    KUBERNETES_SERVICE_HOST: '',
    NODE_V8_COVERAGE: undefined
  }
  const { stdout, stderr, code, signal } = await runToEnd(process.execPath, [program], { env })
  return { stdout, stderr, end: signal === null ? `exit code ${code}` : `killed by ${signal}` }
}
