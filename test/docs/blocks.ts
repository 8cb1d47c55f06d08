import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { remark } from 'remark'
import { visit } from 'unist-util-visit'
import { inRoot, type Page } from './pages.ts'

// The code that stands in the pages. Each block is a module of its own; what it does not declare,
// such as `app` or `db`, is declared in `prelude.ts`.

/** A block of code on a page. */
export interface Block {
  readonly page: string
  readonly line: number
  readonly language: 'ts' | 'js'
  readonly code: string
  /** Why it is not checked, where the page says so in a comment before it. */
  readonly unchecked: string | undefined
}

const languages: Readonly<Record<string, Block['language']>> = {
  ts: 'ts',
  typescript: 'ts',
  js: 'js',
  javascript: 'js',
  cjs: 'js',
  mjs: 'js'
}
const mark = /^<!-- not checked: (.+) -->$/

export function blocksIn({ path, text }: Page): Block[] {
  const found: Block[] = []
  visit(remark().parse(text), 'code', ({ lang, value, position }, index, parent) => {
    const language = languages[lang ?? '']
    if (language === undefined) return
    const before = parent?.children[(index ?? 0) - 1]
    const unchecked = before?.type === 'html' ? mark.exec(before.value)?.[1] : undefined
    found.push({ page: path, line: position?.start.line ?? 0, language, code: value, unchecked })
  })
  return found
}

/** Checks the types of all blocks at once, and says what is wrong with which. */
export async function typeErrorsIn(blocks: readonly Block[]): Promise<string[]> {
  const folder = 'dist/blocks'
  rmSync(inRoot(folder), { recursive: true, force: true })
  const places = new Map<string, string>()
  for (const { page, line, language, code } of blocks) {
    // So many lines before it that the numbers of its lines are the page's.
    const name = `${page.replaceAll(/[^\w]/g, '-')}-${line}.${language === 'ts' ? 'ts' : 'mjs'}`
    mkdirSync(dirname(inRoot(`${folder}/${name}`)), { recursive: true })
    writeFileSync(inRoot(`${folder}/${name}`), `${'\n'.repeat(line)}${code}\nexport {}\n`)
    places.set(name, page)
  }
  writeFileSync(inRoot(`${folder}/tsconfig.json`), JSON.stringify(settings))
  const output = await run(inRoot(`${folder}/tsconfig.json`))
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^[^ (]*?([\w-]+\.m?[tj]s)(?=\()/, (all, name) => places.get(name) ?? all))
}

const settings = {
  extends: '../../tsconfig.json',
  compilerOptions: {
    rootDir: '../..',
    // So that a block can import an example as its neighbour.
    rootDirs: ['.', '../../examples/telemetry'],
    noEmit: true,
    declaration: false,
    isolatedDeclarations: false,
    allowJs: true,
    checkJs: true,
    // The blocks are examples: they may leave a name unused, and a JavaScript one without a type.
    noImplicitAny: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    exactOptionalPropertyTypes: false,
    noPropertyAccessFromIndexSignature: false
  },
  include: ['*', '../../test/docs/prelude.ts'],
  exclude: []
}

function run(project: string): Promise<string> {
  const tsc = inRoot('node_modules/typescript/bin/tsc')
  const cwd = dirname(project)
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [tsc, '-p', project, '--pretty', 'false'],
      { cwd },
      (_error, stdout, stderr) => {
        resolve(stdout + stderr)
      }
    )
  })
}
