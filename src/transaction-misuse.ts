import { InterfaceError } from './errors/index.ts'

/** Where a transaction is: `failed` when it could not be started or ended, or was lost. */
export type TransactionState = 'new' | 'started' | 'failed' | 'committed' | 'rolledback'

const WORDS: { readonly [state in TransactionState | 'ending' | 'lost']: string } = {
  new: 'the transaction is not started',
  started: 'the transaction is already started',
  failed: 'the transaction is in error state',
  committed: 'the transaction is already committed',
  rolledback: 'the transaction is already rolled back',
  ending: 'the transaction is being ended',
  lost: 'the transaction was ended by a reset, by the release of its connection or with the transaction around it',
}

/** The error of what does not fit the state of a transaction. One with a body is ended by that alone. */
export function misuse(what: string, state: keyof typeof WORDS, hasBody: boolean): InterfaceError {
  const hint = hintFor(state, hasBody)
  return new InterfaceError(`cannot ${what}; ${WORDS[state]}`, hint === undefined ? {} : { hint })
}

function hintFor(state: keyof typeof WORDS, hasBody: boolean): string | undefined {
  if (state === 'lost') {
    return 'transactions of one connection run one after the other: wait for the end of each before the next one, a reset or a release'
  }
  const isOver = state === 'ending' || state === 'committed' || state === 'rolledback'
  return isOver && hasBody ? 'await each call in the body, so that the body ends after it' : undefined
}
