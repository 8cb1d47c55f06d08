// Builds everything. `build/` has the whole project, tests included, as one ES module for each file: there the
// name of the package stands for these modules, so a test that imports it tests the files that it measures.
// `dist/` has what is published: see `scripts/package/`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeCode } from './package/code.mjs'
import { entries, name } from './package/entries.mjs'
import { writeThreadText } from './package/thread-text.mjs'
import { writeTypes } from './package/types.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
for (const folder of ['build', 'dist']) rmSync(folder, { recursive: true, force: true })
await writeThreadText()
await Promise.all([compileProject(), pack()])

async function compileProject() {
  await compile('tsconfig.json')
  const exports = entries.map(({ path, source }) => [path, `./${source.replace(/\.ts$/, '.js')}`])
  const manifest = { name, type: 'module', exports: Object.fromEntries(exports) }
  writeFileSync('build/package.json', `${JSON.stringify(manifest, null, 2)}\n`)
}

async function pack() {
  const [packed] = await Promise.all([writeCode(entries), compile('tsconfig.types.json')])
  await writeTypes(packed, 'build/types')
}

async function compile(project) {
  // Not what `tsc` is on the path: older compilers are installed too, for the tests.
  const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))
  const [code] = await once(spawn(process.execPath, [compiler, '-p', project], { stdio: 'inherit' }), 'exit')
  if (code !== 0) process.exit(1)
}
