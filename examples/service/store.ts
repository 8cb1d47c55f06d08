import pg from 'pg'

export interface Order {
  readonly id: string
  readonly item: string
  readonly quantity: number
  readonly confirmed: boolean
}

/** What the service needs of a database. */
export interface OrderStore {
  add(order: Omit<Order, 'confirmed'>): Promise<void>
  confirm(id: string): Promise<void>
  all(): Promise<Order[]>
  ping(): Promise<unknown>
  end(): Promise<void>
}

export async function postgresStore(
  connectionString: string,
  schema: string,
  onIdleError: (error: Error) => void
): Promise<OrderStore> {
  const pool = new pg.Pool({ connectionString, max: 5, options: `-c search_path=${schema}` })
  // Between queries a connection may break. The pool replaces it, but without a listener that is a crash.
  pool.on('error', onIdleError)
  await pool.query(`
    CREATE SCHEMA IF NOT EXISTS ${schema};
    CREATE TABLE IF NOT EXISTS ${schema}.orders (
      id uuid PRIMARY KEY,
      item text NOT NULL,
      quantity integer NOT NULL,
      confirmed boolean NOT NULL DEFAULT false
    )`)
  return {
    async add({ id, item, quantity }) {
      await pool.query('INSERT INTO orders (id, item, quantity) VALUES ($1, $2, $3)', [id, item, quantity])
    },
    async confirm(id) {
      await pool.query('UPDATE orders SET confirmed = true WHERE id = $1', [id])
    },
    async all() {
      return (await pool.query<Order>('SELECT * FROM orders')).rows
    },
    ping: () => pool.query('SELECT 1'),
    end: () => pool.end()
  }
}

export function memoryStore(): OrderStore {
  const orders = new Map<string, Order>()
  return {
    async add(order) {
      orders.set(order.id, { ...order, confirmed: false })
    },
    async confirm(id) {
      const order = orders.get(id)
      if (order !== undefined) orders.set(id, { ...order, confirmed: true })
    },
    all: async () => [...orders.values()],
    ping: async () => true,
    end: async () => orders.clear()
  }
}
