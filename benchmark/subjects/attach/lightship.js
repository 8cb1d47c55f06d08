import { createLightship } from 'lightship'

/** Its probes have a port of their own. After its handlers it lets the event loop run empty. */
export async function attach(app, { deadline, lameDuck, cleanup }) {
  app.addHook('onClose', cleanup)
  const lightship = await createLightship({
    shutdownDelay: lameDuck,
    gracefulShutdownTimeout: deadline,
    shutdownHandlerTimeout: deadline
  })
  lightship.registerShutdownHandler(() => app.close())
  return {
    probes: { port: lightship.server.address().port, ready: '/ready', live: '/live' },
    listening: () => lightship.signalReady()
  }
}
