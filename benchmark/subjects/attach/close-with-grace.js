import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import { probes } from '../app/probes.js'

export async function attach(app, { deadline, lameDuck, cleanup }) {
  const { fail } = probes(app)
  app.addHook('onClose', cleanup)
  closeWithGrace({ delay: deadline, logger: false }, async ({ signal, err }) => {
    if (err) app.log.error({ err }, 'server closing with error')
    else app.log.info(`${signal} received, server closing`)
    fail()
    await sleep(lameDuck)
    await app.close()
  })
  return {}
}
