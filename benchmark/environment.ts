import { readFileSync } from 'node:fs'
import os from 'node:os'
import Fastify from 'fastify'

/** Where and with what the numbers were found; they mean little without it. */
export interface Environment {
  readonly date: string
  readonly plugin: string
  readonly fastify: string
  readonly node: string
  readonly system: string
  readonly processor: string
  readonly cores: number
}

export function environment(): Environment {
  return {
    date: new Date().toISOString().slice(0, 10),
    plugin: JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version,
    fastify: Fastify().version,
    node: process.version,
    // The version, without what a distribution or a host calls its own build of it.
    system: `${os.type()} ${os.release().split('.', 2).join('.')} ${os.arch()}`,
    processor: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism()
  }
}
