import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installSubjects } from '../install.ts'
import { binaryOf, reference } from '../nodes.ts'

// npm run bench -- mutation --only lib/time: changes the code in many small ways, one at a time, and runs the unit
// tests of that room with each. A change that no test notices "survived". Stryker is a package of its own, so
// that installing the project does not take longer.

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: ['lib'] },
    // Parts of the paths of the tests; without it those that mirror what is changed.
    tests: { type: 'string', multiple: true }
  }
})

const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = `${root}benchmark/mutation/`
const stryker = `${folder}node_modules/@stryker-mutator/core/bin/stryker.js`
if (!existsSync(stryker)) {
  execFileSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit'
  })
}

const isFile = (path: string) => path.endsWith('.ts')
const tests =
  values.tests ?? values.only.map((path) => path.replace(/^lib/, 'unit').replace(/\.ts$/, '.test'))
const config = {
  mutate: values.only.flatMap((path) => (isFile(path) ? path : `${path}/**/*.ts`)),
  // Every change is compiled in, and an environment variable chooses one: so the project is built once.
  buildCommand: 'node scripts/build.mjs',
  testRunner: 'command',
  commandRunner: { command: `node --no-warnings scripts/run-tests.mjs ${tests.join(' ')}` },
  plugins: [],
  // There is none: Stryker would read the real one with an interface that TypeScript 7 does not have.
  tsconfigFile: 'build/mutation/tsconfig.json',
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'build/mutation/report.json' },
  ignorePatterns: ['build', 'dist', 'benchmark/**/node_modules', 'coverage'],
  tempDirName: 'build/mutation/sandbox',
  allowEmpty: false,
  timeoutMS: 20_000
}
mkdirSync(`${root}build/mutation`, { recursive: true })
const configFile = `${root}build/mutation/stryker.json`
writeFileSync(configFile, JSON.stringify(config, null, 2))
// Stryker needs Node.js 22; the tests run on the one that npm runs on.
installSubjects()
execFileSync(binaryOf(reference), [stryker, 'run', configFile], { cwd: root, stdio: 'inherit' })
