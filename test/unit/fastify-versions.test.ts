import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import lifecycle from '../../index.ts'
import { cluster } from '../../platforms/cluster/index.ts'
import { pm2 } from '../../platforms/pm2.ts'
import { systemd } from '../../platforms/systemd.ts'

test('each plugin takes the versions of Fastify that package.json names', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  for (const plugin of [lifecycle, cluster, pm2, systemd]) {
    const { fastify } = Reflect.get(plugin, Symbol.for('plugin-meta'))
    assert.equal(fastify, manifest.peerDependencies.fastify)
  }
})
