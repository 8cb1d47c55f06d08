import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { writtenPages } from '../docs/pages.ts'
import { lineOfFailure, masked, samplesIn } from '../docs/samples.ts'
import { startChild } from '../support/children.ts'
import { tool } from './runners.ts'
import type { User } from './user.ts'

/** A program as a page shows it, and what it prints, as far as it ends by itself. */
interface Program {
  readonly name: string
  readonly code: string
  readonly prints: string | undefined
}

const block = /```\w+\n(.*?)```/gs

/** The programs of the pages that show what they print and are whole, and the first one that is to be pasted. */
export function programs(): Program[] {
  const shown = writtenPages()
    .flatMap(samplesIn)
    .filter(({ isLog, isOutputAlone, file }) => !isLog && !isOutputAlone && file === undefined)
    // One that looks beside itself runs another program.
    .filter(({ shown }) => !shown.includes('import.meta.url'))
    .map(({ path, shown }): Program => {
      const [code, prints] = [...shown.matchAll(block)].map(([, text]) => text)
      return { name: path.replace('examples/', '').replaceAll('/', '-'), code: code as string, prints }
    })
  const readme = writtenPages().find(({ path }) => path === 'README.md')?.text ?? ''
  const first = /```ts\n(.*?)```/s.exec(readme)?.[1] as string
  return [...shown, { name: 'first', code: first.replace('port: 3000', 'port: 0'), prints: undefined }]
}

/** As CommonJS has it, which cannot wait at the top level: what is imported first, and the rest in a function. */
function forCommonJS(code: string): string {
  const imports = code.match(/^import .*\n/gm) ?? []
  const rest = code.replaceAll(/^import .*\n/gm, '')
  return `${imports.join('')}async function main() {\n${rest}}\nvoid main()\n`
}

const settings = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    esModuleInterop: true,
    skipLibCheck: true,
    outDir: 'out'
  },
  include: ['*']
}

/** That what stands on the pages works where it is pasted: as TypeScript, as ESM and as CommonJS. */
export function describePasted(installed: Promise<User>): void {
  describe('a program that is pasted from a page', { concurrency: 2 }, () => {
    const all = programs()
    let user: User
    before(async () => {
      user = await installed
      for (const { name, code } of all) {
        await user.write(`pasted/${name}.mts`, code)
        await user.write(`pasted/${name}.cts`, forCommonJS(code))
      }
      await user.write('pasted/tsconfig.json', JSON.stringify(settings))
      const { stdout, code } = await user.node(tool('typescript/bin/tsc'), '-p', 'pasted')
      assert.deepEqual([stdout, code], ['', 0])
    })

    test('is one of many', () => assert.ok(all.length >= 15, `${all.length}`))

    for (const { name, prints } of all) {
      for (const kind of ['mjs', 'cjs']) {
        test(`${name}.${kind} does what the page says`, async () => {
          const program = `pasted/out/${name}.${kind}`
          if (prints === undefined) return assertEndsOnSignal(join(user.directory, program))
          await assertPrints(user, program, masked(prints))
        })
      }
    }
  })
}

/** As for the pages themselves: on an overloaded machine a program may show less, and gets another chance. */
async function assertPrints(user: User, program: string, prints: string, chances = 5): Promise<void> {
  const { stdout, stderr } = await user.node(program)
  assert.match(stderr, lineOfFailure)
  if (masked(stdout) !== prints && chances > 1) return assertPrints(user, program, prints, chances - 1)
  assert.equal(masked(stdout), prints)
}

/** It serves until it is told to end, and its log says both. */
async function assertEndsOnSignal(program: string): Promise<void> {
  const child = startChild(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  let log = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (!log.includes('Server listening') && (log + text).includes('Server listening')) child.kill('SIGTERM')
    log += text
  })
  const [code] = await once(child, 'close')
  assert.equal(code, 0, log)
  assert.match(log, /"msg":"goodbye"[\s\S]*"outcome":"clean"/)
}
