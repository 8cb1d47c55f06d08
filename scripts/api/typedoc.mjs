// The API reference of everything that the package exports: pages in `docs/api`, or where the
// environment says, and the same as JSON beside them. What is not documented, or links to nothing,
// is an error.
import { fileURLToPath } from 'node:url'
import { entries } from '../package/entries.mjs'

const root = new URL('../../', import.meta.url)
const directory = process.env.API_DIRECTORY ?? fileURLToPath(new URL('docs/api', root))

/** @type {import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions} */
export default {
  name: 'API',
  entryPoints: entries.map(({ source }) => fileURLToPath(new URL(source, root))),
  tsconfig: fileURLToPath(new URL('tsconfig.json', import.meta.url)),
  // The build has found them already.
  skipErrorChecking: true,
  basePath: fileURLToPath(root),
  plugin: ['typedoc-plugin-markdown'],
  outputs: [
    { name: 'markdown', path: directory },
    ...(process.env.API_MODEL ? [{ name: 'json', path: process.env.API_MODEL }] : [])
  ],
  readme: 'none',
  outputFileStrategy: 'modules',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  // Interfaces come first, because a link to one that is named like a function would go astray otherwise.
  groupOrder: ['Interfaces', '*'],
  kindSortOrder: ['Interface', 'Class', 'TypeAlias', 'Variable', 'Function'],
  sort: ['kind', 'source-order'],
  logLevel: 'Warn',
  // Parts of a manifest, which are shown where they stand.
  intentionallyNotExported: ['Labels', 'Container'],
  treatWarningsAsErrors: true,
  // Defaults are explained in words.
  jsDocCompatibility: { defaultTag: false, exampleTag: false },
  validation: {
    notExported: true,
    invalidLink: true,
    invalidPath: true,
    rewrittenLink: true,
    notDocumented: true
  },
  // Every export, function, method, parameter of a type, event and variable. A property whose name and
  // type say all needs no sentence; those of options are looked at in `test/docs/reference.test.ts`.
  requiredToBeDocumented: [
    'Class',
    'Interface',
    'TypeAlias',
    'Enum',
    'Variable',
    'Function',
    'Constructor',
    'Method',
    'Accessor'
  ]
}
