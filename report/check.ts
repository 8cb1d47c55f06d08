import type { Report } from '../lib/report.ts'
import { anObject, invalid } from '../lib/validate.ts'

/** Whole numbers from one to another. */
export interface Range {
  readonly least: number
  readonly most: number
  readonly unit: string
}

/** Throws for what is not a report that can be drawn. */
export function checkReport(report: Report): void {
  const { version } = anObject('report', report)
  if (version !== 1) throw invalid('report.version', '1, the only format of reports that is known', version)
}

export function checkedWidth(width: unknown, { least, most, unit }: Range): number {
  if (Number.isInteger(width) && (width as number) >= least && (width as number) <= most) {
    return width as number
  }
  throw invalid('width', `a whole number of ${unit} from ${least} to ${most}`, width)
}
