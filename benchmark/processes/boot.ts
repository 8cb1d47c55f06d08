import { createHook } from 'node:async_hooks'
import { readFileSync } from 'node:fs'
import { setImmediate, setTimeout } from 'node:timers/promises'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { LifecycleOptions } from '../../index.ts'
import { answerWith, cpu } from '../child.ts'
import type { Footprint, Start } from '../footprint.ts'

// One start, in a process that has done nothing before: a second start would be faster.

const start = process.argv[2] as Start
const timers = new Set<number>()
const timerWatch = createHook({
  init: (id, type) => type === 'Timeout' && timers.add(id),
  destroy: (id) => timers.delete(id)
})

const loading = performance.now()
const plugin = await load()
const loaded = performance.now()

timerWatch.enable()
const app = Fastify({ logger: false })
const registering = performance.now()
await app.register(plugin, start === 'withoutHardKill' ? { hardKill: false } : {})
const registered = performance.now()
await app.listen({ port: 0, host: '127.0.0.1' })
// The hook hears of a timer's end one turn of the event loop late.
await setImmediate()
await setImmediate()

async function load(): Promise<FastifyPluginAsync<LifecycleOptions>> {
  // Registering starts Fastify's boot, whatever is registered: only the rest is the plugin's.
  if (start === 'bare') return fp(async () => {})
  // What is published, and not this build's one file for each module.
  return (await import(new URL('../../../dist/index.js', import.meta.url).href)).default
}

/** Every thread of the process, those of Node.js included; only Linux says. */
function threads(): number | null {
  if (process.platform !== 'linux') return null
  return Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
}

const listening = {
  load: loaded - loading,
  register: registered - registering,
  threads: threads(),
  timers: timers.size,
  activeResources: process.getActiveResourcesInfo().length
}
// What the start itself had left to do is done.
await setTimeout(500)
const before = cpu()
await setTimeout(1_000)
const footprint: Footprint = {
  ...listening,
  idleCpu: (cpu() - before) / 1_000,
  memory: process.memoryUsage().rss / 1_048_576
}

answerWith({ footprint: () => footprint })
