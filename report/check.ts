import type { Report } from '../lib/report/report.ts'
import { attempt, itemsOf } from '../lib/validation/read.ts'
import { anObject, invalid } from '../lib/validation/validate.ts'

/** A range of whole numbers. */
export interface Range {
  readonly least: number
  readonly most: number
  readonly unit: string
}

/** Throws if the value is not a report that can be drawn. */
export function checkReport(report: Report): void {
  const given = anObject('report', report)
  const version = attempt(() => given['version'], undefined)
  if (version !== 1) throw invalid('report.version', '1, the only format of reports that is known', version)
}

/**
 * The lists of a report, which are drawn item by item. A list that is too long to read makes the report
 * invalid.
 */
function listsOf({ phases, hooks, crashes, requests, work, alive = [] }: Report): readonly unknown[] {
  return [phases, hooks, crashes, requests.cut, work.cut, alive]
}

/** Draws a report. A value with the right version may still not be a report, so errors are caught. */
export function drawn<Drawing>(report: Report, draw: () => Drawing): Drawing {
  try {
    if (listsOf(report).some((list) => itemsOf(list) === undefined)) throw new TypeError('a list is no array')
    return draw()
  } catch (error) {
    throw Object.assign(invalid('report', 'the report of a shutdown', report), { cause: error })
  }
}

export function checkedWidth(width: unknown, { least, most, unit }: Range): number {
  if (Number.isInteger(width) && (width as number) >= least && (width as number) <= most) {
    return width as number
  }
  throw invalid('width', `a whole number of ${unit} from ${least} to ${most}`, width)
}
