// npm test                        lint, build, all tests, 100 % coverage of what is published
// npm test -- drain               build, and the test files whose path contains `drain`
// npm test -- '!docs/'            build, and all but those
// npm test -- --matrix …          build, and the suite on each supported Node.js: see matrix/main.mjs
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { buildProject } from './built.mjs'

const given = process.argv.slice(2)
const root = fileURLToPath(new URL('..', import.meta.url))

if (given[0] === '--matrix') {
  buildProject()
  process.argv.splice(2, 1)
  await import('./matrix/main.mjs')
} else if (given.length > 0) {
  buildProject()
  process.exitCode = runNode('scripts/run-tests.mjs', ...given)
} else {
  process.exitCode = runNode('node_modules/@biomejs/biome/bin/biome', 'check') || runNode('scripts/house.mjs')
  if (process.exitCode === 0) {
    buildProject()
    process.exitCode = runNode('node_modules/c8/bin/c8.js', 'node', 'scripts/run-tests.mjs')
  }
}

/** Returns the exit code. */
function runNode(...parameters) {
  return spawnSync(process.execPath, parameters, { cwd: root, stdio: 'inherit' }).status ?? 1
}
