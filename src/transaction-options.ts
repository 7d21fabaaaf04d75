import { shown } from './call-options.ts'
import { InterfaceError } from './errors/index.ts'
import { nearestName } from './nearest-name.ts'

/** PostgreSQL's isolation levels. `read_uncommitted` is the same as `read_committed` there. */
export type Isolation = 'serializable' | 'repeatable_read' | 'read_committed' | 'read_uncommitted'

/** What a transaction can be told. `undefined` means not given. */
export interface TransactionOptions {
  /** Default: the session's `default_transaction_isolation`. */
  isolation?: Isolation | undefined
  /** True refuses statements that change data. Default: the session's `default_transaction_read_only`. */
  readonly?: boolean | undefined
  /**
   * True, with serializable and readonly: waits for a snapshot that can never cause a serialization failure. Default: the
   * session's `default_transaction_deferrable`.
   */
  deferrable?: boolean | undefined
  /**
   * With a body: how often it may run in all. It runs again after a serialization failure (40001) or a deadlock
   * (40P01), each time in a new transaction, after a short random pause. Default 1.
   */
  attempts?: number | undefined
}

const ISOLATIONS: readonly string[] = [
  'serializable',
  'repeatable_read',
  'read_committed',
  'read_uncommitted',
]
const NAMES: readonly string[] = ['isolation', 'readonly', 'deferrable', 'attempts']

/**
 * @param others names of options that are checked elsewhere
 * @throws InterfaceError for an option that is not known, or has a wrong value.
 */
export function checkTransactionOptions(
  options: TransactionOptions | null | undefined,
  others: readonly string[] = [],
): TransactionOptions {
  if (options === undefined || options === null) return {}
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw new InterfaceError(`the options of a transaction must be an object, got ${shown(options)}`)
  }
  const known = [...NAMES, ...others]
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || known.includes(name)) continue
    const meant = nearestName(name, known)
    throw new InterfaceError(`invalid transaction options: there is no option ${JSON.stringify(name)}`, {
      hint: meant === undefined ? `there are ${known.join(', ')}` : `use ${meant}`,
    })
  }
  const { isolation, readonly, deferrable, attempts } = options
  if (isolation !== undefined && !ISOLATIONS.includes(isolation)) {
    throw new InterfaceError(
      `invalid isolation: expected one of ${ISOLATIONS.join(', ')}, got ${JSON.stringify(isolation)}`,
    )
  }
  checkFlag('readonly', readonly)
  checkFlag('deferrable', deferrable)
  if (attempts !== undefined && !(Number.isSafeInteger(attempts) && attempts >= 1)) {
    throw new InterfaceError(`invalid attempts: expected an integer from 1 on, got ${shown(attempts)}`)
  }
  return options
}

function checkFlag(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return
  throw new InterfaceError(`invalid ${name}: expected a boolean, got ${shown(value)}`)
}

/** The statement that opens a block. What is not given, or false, is left to the session's defaults. */
export function beginText({ isolation, readonly, deferrable }: TransactionOptions): string {
  return [
    'BEGIN',
    ...(isolation === undefined ? [] : [`ISOLATION LEVEL ${isolation.replace('_', ' ').toUpperCase()}`]),
    ...(readonly ? ['READ ONLY'] : []),
    ...(deferrable ? ['DEFERRABLE'] : []),
  ].join(' ')
}

/** @throws InterfaceError when a nested transaction asks for what the one around it is not. */
export function checkNested(nested: TransactionOptions, outer: TransactionOptions): void {
  if ((nested.attempts ?? 1) > 1) {
    throw new InterfaceError('attempts are for the outermost transaction: a savepoint keeps its snapshot', {
      hint: 'give the option to the transaction around it',
    })
  }
  for (const name of ['readonly', 'deferrable'] as const) {
    const wanted = nested[name]
    if (wanted === undefined || wanted === (outer[name] ?? false)) continue
    throw new InterfaceError(`${name}: a nested transaction cannot differ from the one around it`, {
      hint: `leave ${name} out, or give it to the outermost transaction`,
    })
  }
}

/** @throws InterfaceError when a nested transaction asks for another isolation than the one around it has. */
export function checkNestedIsolation(wanted: Isolation, actual: string): void {
  if (wanted.replace('_', ' ') === actual) return
  throw new InterfaceError(
    `isolation: a nested transaction cannot be ${wanted}, the one around it is ${actual.replace(' ', '_')}`,
    { hint: 'leave isolation out, or give it to the outermost transaction' },
  )
}
