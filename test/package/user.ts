import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Ended, runToEnd } from '../support/children.ts'

// A user, who has the packed package installed in a directory of their own.

/** Where this project is. */
export const root: string = fileURLToPath(new URL('../../../', import.meta.url))

/** What `npm pack` says of the package. */
export interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

/** The part of `package.json` that says what can be imported and required. */
export interface Manifest {
  readonly version: string
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, Entry | string>>
}

interface Entry {
  readonly import: { readonly types: string; readonly default: string }
  readonly require: { readonly types: string; readonly default: string }
}

/** What a user has besides the package. */
export interface Setup {
  readonly manifest?: object
  /** What is installed with it, in place of the usual tools. */
  readonly packages?: readonly string[]
}

const types = ['@types/node']

// What users have besides it. These are not installed again, but linked to this project's.
const tools = [
  '@types/node',
  'expect-type',
  'vitest',
  '@jest/globals',
  '@fastify/websocket',
  'ws',
  '@types/ws',
  '@fastify/type-provider-typebox',
  'typebox',
  'fastify-type-provider-zod',
  'zod'
]

/** Packs, and installs what was packed: whatever the package needs has to come with it. */
export class User {
  readonly directory: string
  readonly packed: Packed
  readonly manifest: Manifest

  private constructor(directory: string, packed: Packed, manifest: Manifest) {
    this.directory = directory
    this.packed = packed
    this.manifest = manifest
  }

  static async withPackage({ manifest = {}, packages }: Setup = {}): Promise<User> {
    const directory = await mkdtemp(join(tmpdir(), 'fastify-lifecycle-'))
    const packing = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', directory], root)
    const [packed] = JSON.parse(packing) as [Packed]
    const { version } = await manifestOf(join(root, 'node_modules/fastify'))
    await writeFile(join(directory, 'package.json'), JSON.stringify(manifest))
    const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']
    const installed = [`./${packed.filename}`, `fastify@${version}`, ...(packages ?? [])]
    await npm(['install', ...quiet, ...installed], directory)
    for (const tool of packages === undefined ? tools : types) {
      const link = join(directory, 'node_modules', tool)
      await mkdir(dirname(link), { recursive: true })
      await symlink(join(root, 'node_modules', tool), link, 'junction')
    }
    return new User(directory, packed, await manifestOf(join(directory, 'node_modules/fastify-lifecycle')))
  }

  /** What of the package can be imported and required, as `fastify-lifecycle/…`. */
  get entries(): readonly string[] {
    return Object.entries(this.manifest.exports)
      .filter(([, entry]) => typeof entry !== 'string')
      .map(([name]) => name.replace('.', 'fastify-lifecycle'))
  }

  /** Writes a file as a whole: a test beside this one may read it at any moment, and must not find half of it. */
  async write(name: string, text: string): Promise<void> {
    const file = join(this.directory, name)
    const unfinished = `${file}.${randomUUID()}`
    await mkdir(dirname(file), { recursive: true })
    await writeFile(unfinished, text)
    await rename(unfinished, file)
  }

  /** Runs Node.js. */
  node(...given: readonly string[]): Promise<Ended> {
    return run(process.execPath, given, this.directory)
  }

  /** Writes a program, runs it, and returns what it prints. */
  async prints(name: string, source: string): Promise<string> {
    await this.write(name, source)
    const { stdout, stderr } = await this.node(name)
    return (stderr + stdout).trim()
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true })
  }
}

/** Runs a program to its end. It is not what the coverage is of. */
export function run(program: string, given: readonly string[], cwd: string): Promise<Ended> {
  const env = {
    ...process.env,
    NODE_V8_COVERAGE: '',
    NODE_TEST_CONTEXT: undefined,
    NO_COLOR: '1',
    FORCE_COLOR: undefined
  }
  return runToEnd(program, given, { cwd, env, shell: program.endsWith('.cmd') })
}

async function npm(given: readonly string[], cwd: string): Promise<string> {
  const program = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { code, stdout, stderr } = await run(program, given, cwd)
  if (code !== 0) throw new Error(`npm ${given.join(' ')} failed:\n${stderr}`)
  return stdout
}

async function manifestOf(directory: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'))
}
