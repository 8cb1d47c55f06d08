// Builds dist/: all of the project as ES modules, and what is published once more as CommonJS, in
// dist/cjs/. Both come with the same types, those of dist/cjs/, so that a program that has both in it
// has each type, and each augmentation of Fastify's, once.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
// Not what `tsc` is on the path: older compilers are installed too, for the tests.
const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

process.chdir(root)
rmSync('dist', { recursive: true, force: true })
for (const project of ['tsconfig.json', 'tsconfig.commonjs.json']) {
  execFileSync(process.execPath, [compiler, '-p', project], { stdio: 'inherit' })
}
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n')
writePlugin()
for (const { import: entry } of Object.values(exports)) {
  if (entry !== undefined) writeTypes(entry.types)
}

/** The types of an ES module are those of the CommonJS module that was made of the same source. */
function writeTypes(file) {
  const name = relative('dist', file).replaceAll('\\', '/')
  const from = `'${'../'.repeat(name.split('/').length - 1) || './'}cjs/${name.replace('.d.ts', '.js')}'`
  const [, plugin] = /^export default (\w+)/m.exec(readFileSync(join('dist/cjs', name), 'utf8')) ?? []
  const lines = [`export * from ${from}`]
  if (plugin !== undefined) lines.push(`export { ${plugin} as default } from ${from}`)
  writeFileSync(file, `${lines.join('\n')}\n`)
}

/** What `require` returns: the plugin itself, with all exports on it, as Fastify's own plugins have it. */
function writePlugin() {
  writeFileSync(
    'dist/cjs/plugin.js',
    "'use strict'\nmodule.exports = require('./index.js').fastifyLifecycle\n"
  )
  const types = readFileSync('dist/cjs/index.d.ts', 'utf8')
  const [, comment] = types.match(/(\/\*\*(?:(?!\*\/).)*\*\/)\ndeclare const fastifyLifecycle/s)
  const names = exportedNames(types).filter((name) => name !== 'fastifyLifecycle')
  const own = ['plugin as default', 'plugin as fastifyLifecycle']
  writeFileSync(
    'dist/cjs/plugin.d.ts',
    `import { ${['fastifyLifecycle as plugin', ...names].join(', ')} } from './index.js'
${comment}
declare function fastifyLifecycle(...given: Parameters<typeof plugin>): ReturnType<typeof plugin>
declare namespace fastifyLifecycle {
  export { ${[...own, ...names].join(', ')} }
}
export = fastifyLifecycle
`
  )
}

/** `export =` cannot say "all that is exported there". */
function exportedNames(types) {
  const unknown = types.match(/^export (?!default |type \{|\{).*/m)
  if (unknown !== null) throw new Error(`List what index.ts exports in \`export { … }\`: ${unknown[0]}`)
  return [...types.matchAll(/^export (type )?\{(.*?)\}/gms)].flatMap(([, type = '', names]) =>
    names.split(',').map((name) => type + name.trim())
  )
}
