import { readFileSync } from 'node:fs'

const root = new URL('../../', import.meta.url)
const { paths } = JSON.parse(readFileSync(new URL('tsconfig.json', root), 'utf8')).compilerOptions

/** The name of the package. */
export const { name } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))

/**
 * What users import, by `paths` of tsconfig.json, the one place where an entry and its source stand together:
 * `path` is how package.json calls an entry, `file` is what its files in `dist/` are called.
 */
export const entries = Object.entries(paths).map(([specifier, [source]]) => {
  const path = specifier.replace(name, '.')
  return { path, file: path === '.' ? 'index' : path.slice(2), source: source.slice(2) }
})
