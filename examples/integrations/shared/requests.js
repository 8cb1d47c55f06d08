/** Five requests are in flight when the signal comes. One that is not answered with `done` is lost. */
export async function fiveAnswers({ app, shutDown }) {
  const port = await app.listens()
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/slow`)).text()
  const answers = Array.from({ length: 5 }, () => ask().catch(() => ''))
  await app.wrote('incoming request', 5)
  await shutDown()
  return { lost: (await Promise.all(answers)).filter((text) => text !== 'done').length, of: 5 }
}
