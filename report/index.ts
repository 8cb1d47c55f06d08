export function formatReport(): string {
  return ''
}
