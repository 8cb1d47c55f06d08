import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { relative, resolve, sep } from 'node:path'
import { transform } from 'esbuild'
import { rollup } from 'rollup'

const require = createRequire(import.meta.url)

/**
 * Writes each entry as a CommonJS file, and an ES module that only hands on what stands there. So whatever
 * loads an entry, a process has it once. Returns the entries with the names of their values.
 */
export async function writeCode(entries) {
  const [plugin] = entries
  const input = entries.map(({ file, source }) => [file, source])
  const bundle = await rollup({
    input: { ...Object.fromEntries(input), bin: 'command/bin.ts' },
    onwarn: (warning, warn) =>
      warning.code === 'CIRCULAR_DEPENDENCY' && warning.ids.every((id) => id.includes('node_modules'))
        ? undefined
        : warn(warning),
    external: (id) => /^[^./]/.test(id) && !Object.hasOwn(carried, id),
    treeshake: { moduleSideEffects: false },
    plugins: [carriedLibraries, typeScript]
  })
  await bundle.write({
    dir: 'dist',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'shared/[name].cjs',
    exports: 'named',
    // As Node.js has it: a default import of CommonJS is what `require` returns.
    interop: 'default',
    externalLiveBindings: false,
    generatedCode: 'es2015',
    plugins: [plainCommands],
    hoistTransitiveImports: false,
    // The core, and what several entries need, stand once, in one file for each folder of the sources. So an
    // entry's own file is short: Node.js searches it for exports where an ES module imports it, which is slow.
    manualChunks(id, { getModuleInfo }) {
      const [folder] = relative('.', id).split(sep)
      if (id.endsWith('bin.ts')) return undefined
      if (folder === 'node_modules') return 'check'
      if (id.endsWith('command.ts') || commandFolders.includes(folder)) return commandOf(folder)
      const users = entriesThatNeed(id, getModuleInfo)
      return folder === 'lib' || (users.size > 1 && !users.has(id)) ? folder : undefined
    },
    // What `require` returns is the plugin itself, as Fastify's own plugins have it.
    footer: ({ isEntry, name }) =>
      isEntry && name === plugin.file ? 'module.exports = module.exports.default;' : ''
  })
  return entries.map((entry) => ({ ...entry, values: writeFacade(entry.file) }))
}

/** What only the command needs. */
const commandFolders = ['command', 'drill', 'check']

function isOfTheCommand(name) {
  return name === 'bin' || name === 'deploy' || commandFolders.includes(name)
}

function commandOf(folder) {
  return folder === 'deployment' ? 'deploy' : folder
}

/** The command is no part of an app: an install of the plugin carries it as small as it can be made. */
const plainCommands = {
  name: 'plain-commands',
  async renderChunk(code, { name }) {
    return isOfTheCommand(name) ? compile(code, { minify: true, format: 'cjs' }) : null
  }
}

const typeScript = {
  name: 'typescript',
  transform: (code, id) => (id.endsWith('.ts') ? compile(code, { loader: 'ts', sourcefile: id }) : null)
}

async function compile(text, options) {
  const { code } = await transform(text, { target: 'node20.19', ...options })
  return { code }
}

/**
 * Libraries that only the command `check` reads files with. They stand in its own file, so that an install of the
 * plugin has no dependency more; as ES modules, so that what is not used is left out.
 */
const carried = { yaml: 'yaml/browser/dist/index.js', 'smol-toml': 'smol-toml/dist/index.js' }

const carriedLibraries = {
  name: 'carried-libraries',
  resolveId: (id) => (Object.hasOwn(carried, id) ? resolve('node_modules', carried[id]) : null),
  load: (id) => (leftOut.test(id) ? withoutCode(readFileSync(id, 'utf8')) : null)
}

/** What of them makes text of values, or values that no configuration has: nothing calls it. */
const leftOut =
  /[\\/]yaml[\\/].*[\\/](stringify[\\/]\w+|yaml-1\.1[\\/](?!merge)\w+|visit|createNode|anchors|addPairToJSMap|cst-visit|cst-stringify)\.js$/

function withoutCode(code) {
  const names = [...code.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) => list.split(','))
  return names.map((name) => `export const ${name.trim()} = undefined`).join('\n')
}

function entriesThatNeed(id, getModuleInfo, seen = new Set()) {
  seen.add(id)
  const { importers, dynamicImporters } = getModuleInfo(id)
  for (const importer of [...importers, ...dynamicImporters]) {
    if (!seen.has(importer)) entriesThatNeed(importer, getModuleInfo, seen)
  }
  return new Set([...seen].filter((each) => getModuleInfo(each).isEntry))
}

/** Names each export, because not every bundler can find them in what it sees of the CommonJS file. */
function writeFacade(file) {
  const exported = require(resolve('dist', `${file}.cjs`))
  const names = Object.keys(exported).filter((name) => name !== 'default')
  const lines =
    typeof exported === 'function'
      ? [
          `import plugin from './${file}.cjs'`,
          'export default plugin',
          `export const { ${names.join(', ')} } = plugin`
        ]
      : [
          `import { ${names.join(', ')} } from './${file}.cjs'`,
          `export { ${[...defaultOf(exported, names), ...names].join(', ')} }`
        ]
  writeFileSync(`dist/${file}.js`, `${lines.join('\n')}\n`)
  return Object.keys(exported)
}

/** A default import of CommonJS is not the same for all bundlers, so the default is taken by its other name. */
function defaultOf(exported, names) {
  return names.filter((name) => exported[name] === exported.default).map((name) => `${name} as default`)
}
