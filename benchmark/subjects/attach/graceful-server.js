import GracefulServer from '@gquittet/graceful-server'

/**
 * It waits for `timeout`, 1000 ms by default, whatever is in flight, and only then stops: that is
 * its lame duck and its drain in one. It has no deadline, and exits with the number of the signal.
 */
export async function attach(app, { lameDuck, cleanup }) {
  const server = GracefulServer(app.server, {
    timeout: Math.max(1_000, lameDuck),
    closePromises: [async () => cleanup()],
    kubernetes: true,
    livenessEndpoint: '/livez',
    readinessEndpoint: '/readyz'
  })
  return { listening: () => server.setReady() }
}
