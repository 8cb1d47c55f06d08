/** What one writes by hand where a package has no probes. */
export function probes(app) {
  let ready = true
  app.get('/livez', async () => 'ok')
  app.get('/readyz', async (_request, reply) =>
    reply.code(ready ? 200 : 503).send(ready ? 'ok' : 'not ready')
  )
  return {
    fail() {
      ready = false
    }
  }
}
