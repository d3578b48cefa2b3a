export type Value = string | number | boolean;

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'contains';

/**
 * Compares two values of a condition. Numbers compare as numbers and ISO dates as dates, whoever wrote the quotes; a day
 * and an instant compare by day, so `joined > 2026-01-01` means after that day. What has no order, a missing value or a
 * word beside a number, is neither less nor greater: a reader who has no `joined` did not join before 2026.
 */
export function compareValues(operator: Operator, left: Value, right: Value): boolean {
  if (operator === 'contains') return String(left).toLowerCase().includes(String(right).toLowerCase());
  const order = orderOf(left, right);
  switch (operator) {
    case '==':
      return order === 0 || (order === null && String(left) === String(right));
    case '!=':
      return !compareValues('==', left, right);
    case '<':
      return order !== null && order < 0;
    case '<=':
      return order !== null && order <= 0;
    case '>':
      return order !== null && order > 0;
    case '>=':
      return order !== null && order >= 0;
  }
}

/** `2026-01-31`, or an instant `2026-01-31T09:30:00Z` (a space for the T, no seconds, no zone or an offset will do). */
export function isDate(text: string): boolean {
  return instantOf(text) !== null;
}

/** Below 0, 0 or above; null: they have no order. */
function orderOf(left: Value, right: Value): number | null {
  const [a, b] = [String(left).trim(), String(right).trim()];
  if (a === '' || b === '') return null;
  const numbers = [a, b].map((text) => (Number.isFinite(Number(text)) ? Number(text) : null));
  if (numbers[0] !== null && numbers[1] !== null) return numbers[0]! - numbers[1]!;
  if (numbers[0] !== null || numbers[1] !== null) return null;
  const instants = [instantOf(a), instantOf(b)];
  if (instants[0] !== null && instants[1] !== null)
    return a.length === 10 || b.length === 10
      ? compareText(a.slice(0, 10), b.slice(0, 10))
      : instants[0]! - instants[1]!;
  if (instants[0] !== null || instants[1] !== null) return null;
  return compareText(String(left), String(right));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Milliseconds since 1970, UTC where no zone is named; null: no date, such as 2026-02-30. */
function instantOf(text: string): number | null {
  const match =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)? ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/.exec(text);
  if (!match) return null;
  const [, day, time = '00:00', seconds = ':00', zone = 'Z'] = match;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // Date.parse takes 2026-02-30 for the second of March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return null;
  const offset =
    zone === 'UTC'
      ? 'Z'
      : zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_, hours, minutes = '00') => `${hours}:${minutes}`);
  const instant = Date.parse(`${day}T${time}${seconds}${offset}`);
  return Number.isNaN(instant) ? null : instant;
}
