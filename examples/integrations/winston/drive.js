/** The line that says how the shutdown ended, which is also on stderr where there is no log at all. */
export async function drive({ app, shutDown }) {
  await app.wrote('Server listening')
  await shutDown()
  return { lost: /shutdown clean in .*exit code 0/.test(app.output) ? 0 : 1, of: 1 }
}
