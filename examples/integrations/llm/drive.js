/** Five answers have begun to stream when the signal comes. */
export async function drive({ app, shutDown }) {
  const port = await app.listens()
  const answers = Array.from({ length: 5 }, async () => {
    const response = await fetch(`http://127.0.0.1:${port}/chat`)
    return response.text().catch(() => '')
  })
  await app.wrote('incoming request', 5)
  await shutDown()
  return { lost: (await Promise.all(answers)).filter((text) => !text.includes('[DONE]')).length, of: 5 }
}
