/**
 * How a shell runs the last command of its script. `'keeps'`: the shell stays in front of the command, as dash does.
 * `'replaces'`: the shell becomes that command, as bash and the shell of BusyBox do.
 */
export type Shell = 'keeps' | 'replaces' | 'unknown'

/** The kind of `sh` in an image, by the image's name. */
export function shellOf(image: string | undefined): Shell {
  if (image === undefined) return 'unknown'
  const [path = ''] = image.toLowerCase().split('@')
  if (
    /alpine|busybox|fedora|centos|rockylinux|almalinux|amazonlinux|\bubi\d|\/lambda\/|chainguard|wolfi/.test(
      path
    )
  )
    return 'replaces'
  const [name = '', tag = ''] = path.slice(path.lastIndexOf('/') + 1).split(':')
  if (/^(debian|ubuntu)$/.test(name)) return 'keeps'
  if (name === 'node' || name === 'bun' || name === 'deno') return 'keeps'
  return /slim|bookworm|bullseye|buster|trixie|jammy|noble|focal/.test(tag) ? 'keeps' : 'unknown'
}
