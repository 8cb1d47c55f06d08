import { createLightship } from 'lightship'

/**
 * Its probes have a port of their own. After its handlers it lets the event loop run empty. It asks for
 * Node.js 22.13 or later, and works with 20.
 */
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
