import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { subjects } from './subjects.ts'

const folder = new URL('../../benchmark/', import.meta.url)

/** Installs what is compared, exactly as benchmark/package-lock.json says, unless that was done already. */
export function installSubjects(): void {
  const lock = readFileSync(new URL('package-lock.json', folder), 'utf8')
  const installed = new URL('node_modules/.installed-lock.json', folder)
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return
  execFileSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: fileURLToPath(folder),
    stdio: ['ignore', 'ignore', 'inherit']
  })
  writeFileSync(installed, lock)
}

/** The version of each package that is compared, and of what all of them run in. */
export function installedVersions(): Record<string, string> {
  const names = subjects.flatMap((subject) => subject.package ?? [])
  return Object.fromEntries(['fastify', ...names].map((name) => [name, versionOf(name)]))
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, folder), 'utf8')).version
}
