/** Loads a package that is not there in each checkout: `npm ci` installs it. */
export function load<Package>(name: string): Promise<Package> {
  return import(name)
}

/** For tests that need these packages: without them they are skipped, and say so; where `CI` is set, they fail. */
export async function withPackages(...names: readonly string[]): Promise<{ readonly skip?: string }> {
  for (const name of names) {
    try {
      await import(name)
    } catch (error) {
      return missing(`it takes ${name}; run \`npm ci\``, error)
    }
  }
  return {}
}

/** Why a test cannot run. In CI that is an error. */
export function missing(what: string, cause: unknown): { readonly skip: string } {
  if (process.env['CI'] !== undefined && process.platform === 'linux') throw new Error(what, { cause })
  return { skip: `NOT CHECKED: ${what}` }
}
