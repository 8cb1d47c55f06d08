import { randomUUID } from 'node:crypto'
import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'

/**
 * Ordinary requests. They need nothing for the shutdown: those that are in flight finish, those that
 * come later are answered 503, with the CORS headers.
 */
export async function orders(instance: FastifyInstance): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>()
  app.addHook('onRequest', async (request) => {
    await request.jwtVerify()
  })

  const order = Type.Object({ item: Type.String({ minLength: 1 }), quantity: Type.Integer({ minimum: 1 }) })
  const id = Type.Object({ id: Type.String() })
  app.post('/orders', { schema: { body: order, response: { 201: id } } }, async ({ body }, reply) => {
    const order = { id: randomUUID(), ...body }
    await app.store.add(order)
    app.confirmLater(order.id)
    app.announce(`${order.quantity} × ${order.item}`)
    reply.code(201)
    return { id: order.id }
  })

  const known = Type.Array(
    Type.Object({
      id: Type.String(),
      item: Type.String(),
      quantity: Type.Integer(),
      confirmed: Type.Boolean()
    })
  )
  app.get('/orders', { schema: { response: { 200: known } } }, () => app.store.all())
}
