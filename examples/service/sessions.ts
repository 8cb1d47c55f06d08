import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'

/** Everybody gets a token here; a real service would ask for more than a name. */
export async function sessions(instance: FastifyInstance): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>()
  const schema = {
    body: Type.Object({ name: Type.String({ minLength: 1 }) }),
    response: { 200: Type.Object({ token: Type.String() }) }
  }
  app.post('/session', { schema }, async ({ body }) => ({ token: app.jwt.sign({ name: body.name }) }))
}
