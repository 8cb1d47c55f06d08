import type { Ledger } from './clients.ts'
import type { Query } from './ground.ts'

/** What the database says when all is over, held against what the clients know. */
export interface Findings {
  readonly transfers: number
  /** Acknowledged, and not there. */
  readonly lost: number
  /** There, though nobody has ordered it, or the client was told that it is not. */
  readonly invented: number
  /** Accounts whose balance is not what the transfers make of it. */
  readonly wrongBalances: number
  /** By how much all the money is more, or less, than in the beginning. */
  readonly moneyAppeared: number
  /** Transfers whose job was not done. */
  readonly jobsLost: number
  /** How many entries there are in the statements for more than one time that their job was done. */
  readonly jobsDoubled: number
  /** Accounts whose statement is not what the transfers make of it. */
  readonly wrongStatements: number
  readonly leftInOutbox: number
}

const start = 1_000

export async function find(query: Query, { acknowledged, unknown }: Ledger): Promise<Findings> {
  const ids = (await query('SELECT id FROM transfers')).map(({ id }) => id as string)
  const there = new Set(ids)
  const number = async (text: string) => Number((await query(text))[0]?.['n'])
  return {
    transfers: ids.length,
    lost: [...acknowledged].filter((id) => !there.has(id)).length,
    invented: ids.filter((id) => !acknowledged.has(id) && !unknown.has(id)).length,
    wrongBalances: await number(
      `SELECT count(*) AS n FROM accounts WHERE balance <> ${start}
         + (SELECT coalesce(sum(amount), 0) FROM transfers WHERE payee = accounts.id)
         - (SELECT coalesce(sum(amount), 0) FROM transfers WHERE payer = accounts.id)`
    ),
    moneyAppeared: await number(`SELECT sum(balance) - count(*) * ${start} AS n FROM accounts`),
    jobsLost: await number(
      'SELECT count(*) AS n FROM transfers WHERE NOT EXISTS (SELECT FROM done WHERE transfer = transfers.id)'
    ),
    jobsDoubled: await number(
      'SELECT coalesce(sum(entries), 0) - (SELECT count(*) FROM done) AS n FROM statements'
    ),
    wrongStatements: await number(
      `SELECT count(*) AS n FROM statements WHERE received <>
         (SELECT coalesce(sum(amount), 0) FROM transfers WHERE payee = account)`
    ),
    leftInOutbox: await number('SELECT count(*) AS n FROM outbox')
  }
}
