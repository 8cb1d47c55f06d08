/** Says something to the parent process, if there is one that listens. */
export function tell(message) {
  if (process.connected) process.send(message)
}
