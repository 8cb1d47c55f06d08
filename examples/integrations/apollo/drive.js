/** Five queries come in the lame duck, when balancers still send them. */
export async function drive({ app, shutDown }) {
  const port = await app.listens()
  const ask = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{ "query": "{ slow }" }'
    })
    const { data } = await response.json()
    return data?.slow === 'done'
  }
  const isGone = shutDown()
  await app.phase('lameDuck')
  const answers = Array.from({ length: 5 }, () => ask().catch(() => false))
  await isGone
  return { lost: (await Promise.all(answers)).filter((isRight) => !isRight).length, of: 5 }
}
