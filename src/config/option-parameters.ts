/** A member of `ConnectOptions` that has no key, no variable and no place in a service file. */
export interface OptionParameter {
  readonly option: string
  readonly initial: string
  readonly doc: string
}

export const OPTION_PARAMETERS: readonly OptionParameter[] = [
  { option: 'dsn', initial: 'none', doc: 'The DSN, where it is not the first argument.' },
  {
    option: 'timeout',
    initial: '60000',
    doc: 'Milliseconds for the whole connect: names, password functions, all hosts. `null` means no limit.',
  },
  {
    option: 'commandTimeout',
    initial: 'none',
    doc: 'Milliseconds for each later operation that says nothing else. More than 0; `null` means no limit.',
  },
  {
    option: 'statementCacheSize',
    initial: '100',
    doc: 'Prepared statements kept. 0 keeps none and is safe behind any transaction pooler. Unless given, none are kept once a pooler was met.',
  },
  {
    option: 'maxCachedStatementLifetime',
    initial: '300000',
    doc: 'Milliseconds that a prepared statement is kept, counted from when it was made. 0 means for ever.',
  },
  {
    option: 'maxCacheableStatementSize',
    initial: '15360',
    doc: 'Characters of the longest statement that is kept. 0 means any.',
  },
  {
    option: 'maxMessageSize',
    initial: '1073741824',
    doc: 'Bytes of the longest message accepted from the server after login, from 8192 to 2147483647.',
  },
  {
    option: 'serverSettings',
    initial: 'none',
    doc: 'Server settings for the session, by name. Each beats the same one of the DSN.',
  },
  {
    option: 'oauthToken',
    initial: 'none',
    doc: 'Function, sync or async, that gives a bearer token; called once for each host attempted. Sent only over TLS that verifies the server, a Unix socket or to a loopback address, unless `requireAuth` names `oauth`.',
  },
  { option: 'types', initial: 'see the guide', doc: 'How values come out.' },
  { option: 'connectionClass', initial: '`Connection`', doc: 'Class of the connection.' },
  {
    option: 'recordClass',
    initial: 'plain objects',
    doc: 'Class of the rows where a call does not give one: `Record`, or a subclass of it.',
  },
  { option: 'signal', initial: 'none', doc: '`AbortSignal` that ends the attempt with its reason.' },
  {
    option: 'onCallbackError',
    initial: 'a process warning',
    doc: 'Function that gets what a listener or hook throws.',
  },
]
