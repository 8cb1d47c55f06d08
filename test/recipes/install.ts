import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { folder } from './observe.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Installs what is integrated, as its lock file says, unless that was done already. Some 850 MB, so not with the project. */
export function installIntegrations(): void {
  const lock = readFileSync(`${folder}package-lock.json`, 'utf8')
  const installed = `${folder}node_modules/.installed-lock.json`
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return
  const flags = ['--no-fund', '--no-audit', '--ignore-scripts', '--loglevel=error']
  execFileSync('npm', ['ci', ...flags], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  generatePrismaClient()
  symlinkSync(root, `${folder}node_modules/fastify-lifecycle`, 'junction')
  writeFileSync(installed, lock)
}

function generatePrismaClient(): void {
  // It needs no engine, but looks for one. Any file in its place keeps Prisma from a download.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' }
  const args = ['prisma', 'generate', '--schema=prisma/schema.prisma', '--no-hints']
  execFileSync('npx', args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] })
}
