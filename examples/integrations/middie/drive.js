/** Five requests are in flight when the signal comes. */
export async function drive({ app, shutDown }) {
  const port = await app.listens()
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/slow`)).text().catch(() => '')
  const answers = Array.from({ length: 5 }, ask)
  await app.wrote('incoming request', 5)
  await shutDown()
  return { lost: (await Promise.all(answers)).filter((text) => text !== 'done').length, of: 5 }
}
