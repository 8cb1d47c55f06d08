import 'reflect-metadata'
import { setTimeout as sleep } from 'node:timers/promises'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { probes } from '../app/probes.js'

/** Nest with its shutdown hooks on: it calls its providers, closes the server, and calls them again. It has no deadline. */
export async function attach(app, { lameDuck, cleanup }) {
  const { fail } = probes(app)
  class Shutdown {
    async beforeApplicationShutdown() {
      fail()
      await sleep(lameDuck)
    }
    onApplicationShutdown = cleanup
  }
  class Root {}
  Module({ providers: [Shutdown] })(Root)
  const nest = await NestFactory.create(Root, new FastifyAdapter(app), { logger: false })
  nest.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true })
  return { listen: ({ port, host }) => nest.listen(port, host) }
}
