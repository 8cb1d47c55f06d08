import lifecycle from 'fastify-lifecycle'

export async function attach(app, { deadline, lameDuck, cleanup }) {
  await app.register(lifecycle, { deadline, lameDuck })
  app.onShutdown('cleanup', cleanup)
  return {}
}
