import createError from '@fastify/error'
import type { FastifyPluginAsync } from 'fastify'
import type { PoolClient } from 'pg'
import type { Outbox } from './outbox.ts'

// The id of a transfer is made by the client. So one that does not know what became of its request,
// because the connection broke before the answer, sends it again: it is booked once.

interface Transfer {
  readonly payer: number
  readonly payee: number
  readonly amount: number
}

const NoSuchAccount = createError('BANK_NO_SUCH_ACCOUNT', 'One of the accounts does not exist', 404)
const TooPoor = createError('BANK_TOO_POOR', 'The payer has not got that much', 422)
const IdTaken = createError('BANK_ID_TAKEN', 'This id belongs to another transfer', 409)

const schema = {
  params: { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } },
  body: {
    type: 'object',
    required: ['payer', 'payee', 'amount'],
    properties: {
      payer: { type: 'integer' },
      payee: { type: 'integer' },
      amount: { type: 'integer', minimum: 1 }
    }
  }
}

export const transferRoutes: FastifyPluginAsync<{ outbox: Outbox }> = async (app, { outbox }) => {
  app.put<{ Params: { id: string }; Body: Transfer }>(
    '/transfers/:id',
    { schema },
    async (request, reply) => {
      const { id } = request.params
      const isNew = await app.pg.transact((client) => book(client, id, request.body))
      if (isNew) outbox.nudge()
      return reply.code(isNew ? 201 : 200).send({ id, booked: true })
    }
  )
}

/**
 * All of it or nothing: what is acknowledged after this transaction is in the database. Says whether
 * it was new.
 */
async function book(client: PoolClient, id: string, { payer, payee, amount }: Transfer): Promise<boolean> {
  // In the order of their ids, so that two transfers never wait for each other.
  const accounts = await client.query(
    'SELECT id, balance FROM accounts WHERE id IN ($1, $2) ORDER BY id FOR UPDATE',
    [payer, payee]
  )
  if (accounts.rows.length < 2) throw new NoSuchAccount()

  // Where the same id is being booked this very moment, this waits for what comes of it.
  const added = await client.query(
    'INSERT INTO transfers (id, payer, payee, amount) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [id, payer, payee, amount]
  )
  if (added.rowCount === 0) {
    const same = 'SELECT FROM transfers WHERE id = $1 AND payer = $2 AND payee = $3 AND amount = $4'
    const found = await client.query(same, [id, payer, payee, amount])
    if (found.rowCount === 0) throw new IdTaken()
    return false
  }

  const { balance } = accounts.rows.find((account) => account.id === payer)
  if (Number(balance) < amount) throw new TooPoor()
  await client.query('UPDATE accounts SET balance = balance - $2 WHERE id = $1', [payer, amount])
  await client.query('UPDATE accounts SET balance = balance + $2 WHERE id = $1', [payee, amount])
  await client.query('INSERT INTO outbox (transfer) VALUES ($1)', [id])
  return true
}
