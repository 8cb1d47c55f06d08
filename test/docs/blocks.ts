import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { remark } from 'remark'
import { visit } from 'unist-util-visit'
import { runToEnd } from '../support/children.ts'
import { inRoot, type Page } from './pages.ts'

// The code that stands in the pages. Each block is a module of its own; what it does not declare,
// such as `app` or `db`, is declared in `prelude.ts`. A program or a file that is shown is one of the
// project, which is compiled and run, so it is not looked at again.

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
const isOfTheProject = /^<!-- (?:sample|file): /

export function blocksIn({ path, text }: Page): Block[] {
  const found: Block[] = []
  visit(remark().parse(text), 'code', ({ lang, value, position }, index, parent) => {
    const language = languages[lang ?? '']
    if (language === undefined) return
    const before = parent?.children[(index ?? 0) - 1]
    const comment = before?.type === 'html' ? before.value : ''
    if (isOfTheProject.test(comment)) return
    const unchecked = mark.exec(comment)?.[1]
    found.push({ page: path, line: position?.start.line ?? 0, language, code: value, unchecked })
  })
  return found
}

/** Checks the types of all blocks at once, and says what is wrong with which. */
export async function typeErrorsIn(blocks: readonly Block[]): Promise<string[]> {
  const errors = (['ts', 'js'] as const).map((language) => {
    const written = blocks.filter((block) => block.language === language)
    return written.length === 0 ? [] : errorsOf(language, written)
  })
  return (await Promise.all(errors)).flat()
}

async function errorsOf(language: Block['language'], blocks: readonly Block[]): Promise<string[]> {
  const folder = inRoot(`build/blocks-${language}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  // A package of its own, in which this one is installed.
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  symlinkSync(inRoot(''), join(folder, 'node_modules/fastify-lifecycle'), 'junction')
  const places = new Map<string, string>()
  for (const { page, line, code } of blocks) {
    // So many lines before it that the numbers of its lines are the page's.
    const name = `${page.replaceAll(/\W/g, '-')}-${line}.${extensions[language]}`
    writeFileSync(join(folder, name), `${'\n'.repeat(line)}${code}\nexport {}\n`)
    places.set(name, page)
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settingsFor(language)))
  const output = await run(join(folder, 'tsconfig.json'))
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^[^ (]*?([\w-]+\.m?[tj]s)(?=\()/, (all, name) => places.get(name) ?? all))
}

const extensions = { ts: 'ts', js: 'mjs' } as const

function settingsFor(language: Block['language']): object {
  return {
    extends: '../../tsconfig.json',
    compilerOptions: {
      rootDir: '../..',
      // So that a block can import an example as its neighbour.
      rootDirs: ['.', '../../examples/telemetry', '../../examples/docker'],
      noEmit: true,
      // What is imported is what is published, and not its source.
      paths: {},
      declaration: false,
      isolatedDeclarations: false,
      allowJs: true,
      checkJs: true,
      // JavaScript has no way to say that something is not null.
      strict: language === 'ts',
      // The blocks are examples: they may leave a name unused.
      noUnusedLocals: false,
      noUnusedParameters: false,
      exactOptionalPropertyTypes: false,
      noPropertyAccessFromIndexSignature: false
    },
    include: ['*', '../../test/docs/prelude.ts'],
    exclude: []
  }
}

async function run(project: string): Promise<string> {
  const tsc = inRoot('node_modules/typescript/bin/tsc')
  const cwd = dirname(project)
  const given = [tsc, '-p', project, '--pretty', 'false']
  const { stdout, stderr } = await runToEnd(process.execPath, given, { cwd })
  return stdout + stderr
}
