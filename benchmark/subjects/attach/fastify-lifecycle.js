import lifecycle from 'fastify-lifecycle'

export async function attach(app, { deadline, lameDuck, cleanup, stall }) {
  await app.register(lifecycle, { deadline, lameDuck, hardKill: stall === undefined ? true : { stall } })
  app.onShutdown('cleanup', cleanup)
  return {}
}
