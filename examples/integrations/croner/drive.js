export async function drive({ app, shutDown }) {
  await app.wrote('the task begins')
  await shutDown()
  return { lost: app.output.includes('the task is done') ? 0 : 1, of: 1 }
}
