/** Five endless streams are open. One that is cut instead of ended is lost: its client sees an error. */
export async function streamsThatEnd({ app, shutDown }, path, request) {
  const port = await app.listens()
  const open = async () => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, request)
    const reader = response.body.getReader()
    await reader.read()
    return reader
  }
  const readers = await Promise.all(Array.from({ length: 5 }, open))
  const ends = readers.map(async (reader) => {
    try {
      for (;;) if ((await reader.read()).done) return true
    } catch {
      return false
    }
  })
  await shutDown()
  return { lost: (await Promise.all(ends)).filter((isWhole) => !isWhole).length, of: 5 }
}
