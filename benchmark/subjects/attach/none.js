/** No shutdown code at all: a signal ends the process at once. The control of what the others cost. */
export async function attach() {
  return {}
}
