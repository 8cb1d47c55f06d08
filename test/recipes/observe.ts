import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Program } from '../support/program.ts'
import type { Integration } from './integrations.ts'

// What happens to an app of `examples/integrations/` that gets SIGTERM in the middle of its work.

export const folder: string = fileURLToPath(new URL('../../../examples/integrations/', import.meta.url))

/** What the clients of an app saw. */
interface Seen {
  /** How many of what was under way were lost, left half done or never sent. */
  readonly lost: number
  readonly of: number
}

export interface Observed extends Seen {
  /** From the signal to the end of the process, in ms. */
  readonly ms: number
  readonly end: number | string
  readonly output: string
}

/** What a `drive.js` of an integration is given: a program, which has not got its signal yet. */
export interface Driven {
  readonly app: Program
  /** Sends SIGTERM, and resolves when the process is gone. */
  shutDown(): Promise<void>
  /** A name that no other run has, as the app has it in `process.env.NAME`. */
  readonly name: string
}

interface Driver {
  /** What the app needs besides. */
  readonly prepare?: (name: string) => Promise<{ env: NodeJS.ProcessEnv }>
  readonly args?: readonly string[]
  drive(driven: Driven): Promise<Seen>
}

export async function observe({ name }: Integration, variant: 'with' | 'without'): Promise<Observed> {
  const undo: (() => unknown)[] = []
  const t = { after: (each: () => unknown) => void undo.push(each) } as TestContext
  try {
    return await observeIn(t, name, variant)
  } finally {
    for (const each of undo.reverse()) await each()
  }
}

async function observeIn(t: TestContext, integration: string, variant: string): Promise<Observed> {
  const path = `${folder}${integration}/`
  const driver: Driver = await import(pathToFileURL(`${path}drive.js`).href)
  const name = `run-${randomUUID().slice(0, 8)}`
  const { env } = (await driver.prepare?.(name)) ?? { env: {} }
  const file = `${path}${variant}.js`
  const instrument = `${path}instrument.js`
  const args = existsSync(instrument) ? ['--import', instrument, file] : [file]
  const app = new Program(t, process.execPath, args, { PORT: '0', NAME: name, ...env })
  let [begun, ended] = [0, 0]
  const shutDown = async () => {
    begun = performance.now()
    app.kill()
    await app.exited
    ended = performance.now()
  }
  const seen = await driver.drive({ app, shutDown, name })
  const { code, signal } = await app.exited
  return { ...seen, ms: ended - begun, end: code ?? signal ?? '', output: app.output }
}
