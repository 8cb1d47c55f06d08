import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A file of the compiled project. */
export function compiled(path) {
  return new URL(`../build/${path}`, import.meta.url)
}

/** Builds, and says so meanwhile. */
export function buildProject() {
  const { stdout } = process
  stdout.write('building …')
  execFileSync(process.execPath, [fileURLToPath(new URL('build.mjs', import.meta.url))], { stdio: 'inherit' })
  stdout.write(stdout.isTTY ? '\r\x1b[K' : '\n')
}
