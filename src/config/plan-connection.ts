import { isAbortSignal } from '../abort.ts'
import { ClientConfigurationError, InterfaceError } from '../errors/index.ts'
import { nearestName } from '../nearest-name.ts'
import type { ConnectOptions } from './connect-options.ts'
import { ConnectPlan } from './connect-plan.ts'
import { Credentials } from './credentials.ts'
import { DsnSecrets } from './dsn-secrets.ts'
import { foreignKeyRemedy } from './foreign-keys.ts'
import { planHosts } from './hosts.ts'
import { Layers } from './layers.ts'
import { OPTION_PARAMETERS } from './option-parameters.ts'
import { invalid, kindOf, optionOrigin, quote } from './origin.ts'
import { PARAMETERS } from './parameters.ts'
import { REFUSED_VARIABLES } from './refused-parameters.ts'
import { ANY_METHOD, readRequireAuth } from './require-auth.ts'
import { planServerSettings } from './server-settings.ts'
import { connectBudget, planSession } from './session-options.ts'
import type { Sources } from './sources.ts'
import { planTls } from './tls.ts'
import { planTransport } from './transport-options.ts'
import { checkChoice, refuseDsn } from './values.ts'

/**
 * Turns the arguments of `connect`, and everything outside that they may leave open, into a plan. A pure
 * function of its arguments: `sources` is all it knows of the world. Everything is checked here, before any
 * socket is opened; what is wrong is a `ClientConfigurationError` that names parameter, source and remedy.
 */
export function planConnection(
  dsn: string | ConnectOptions | undefined,
  options: ConnectOptions | undefined,
  sources: Sources,
): ConnectPlan {
  const [text, given] = readArguments(dsn, options)
  const secrets = new DsnSecrets(text)
  try {
    return plan(text?.trim(), given, sources, secrets)
  } catch (error) {
    if (error instanceof InterfaceError) secrets.explain(error)
    throw error
  }
}

function plan(
  text: string | undefined,
  given: ConnectOptions,
  sources: Sources,
  secrets: DsnSecrets,
): ConnectPlan {
  refuseVariables(sources)
  const layers = new Layers(text, given, sources)
  const hosts = planHosts(layers)
  const user = name(layers, 'user') ?? systemUser(sources)
  const database = name(layers, 'dbname') ?? user
  const requireAuth = layers.find('require_auth')
  const target = layers.find('target_session_attrs')
  const balance = layers.find('load_balance_hosts')
  const transport = planTransport(layers)
  return new ConnectPlan({
    hosts,
    user,
    database,
    targetSessionAttrs: target === undefined ? 'any' : checkChoice(target, 'target_session_attrs'),
    loadBalanceHosts: balance === undefined ? 'disable' : checkChoice(balance, 'load_balance_hosts'),
    timeout: connectBudget(given),
    serverSettings: planServerSettings(layers, user, database),
    session: planSession(given, sources),
    transport,
    auth: requireAuth === undefined ? ANY_METHOD : readRequireAuth(requireAuth),
    tls: planTls(layers, hosts, transport.channelBinding),
    credentials: new Credentials(layers),
    signal: readSignal(given),
    secrets,
  })
}

function name(layers: Layers, parameter: 'user' | 'dbname'): string | undefined {
  const setting = layers.text(parameter)
  if (setting !== undefined) refuseDsn(setting)
  return setting?.value
}

function readArguments(dsn: unknown, options: unknown): [string | undefined, ConnectOptions] {
  if (dsn instanceof URL || options instanceof URL) {
    throw new ClientConfigurationError('invalid DSN: it is a URL object, expected a string', {
      hint: 'give the string: a URL object cannot hold every DSN',
    })
  }
  const first = dsn ?? undefined
  if (first !== undefined && typeof first !== 'string' && typeof first !== 'object') {
    throw new ClientConfigurationError(`invalid DSN: it is ${kindOf(first)}, expected a string`)
  }
  if (typeof first === 'object' && options !== undefined) {
    throw new ClientConfigurationError('invalid arguments: there are two objects of options', {
      hint: 'call connect(dsn, options) or connect(options)',
    })
  }
  const given = (typeof first === 'object' ? first : options) ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new ClientConfigurationError(`invalid options: ${kindOf(given)}, expected an object`)
  }
  checkNames(given)
  checkCallback(given)
  const { dsn: inner } = given as ConnectOptions
  if (inner !== undefined && typeof inner !== 'string') {
    throw invalid({ name: 'dsn', value: inner, origin: optionOrigin('dsn') }, 'it must be a string')
  }
  if (typeof first === 'string' && inner !== undefined && inner !== first) {
    throw new ClientConfigurationError('invalid arguments: there are two different DSNs', {
      hint: 'give the DSN as the first argument or as the option dsn',
    })
  }
  return [typeof first === 'string' ? first : inner, given]
}

const OPTIONS: ReadonlySet<string> = new Set([
  ...PARAMETERS.flatMap(({ option }) => option ?? []),
  ...OPTION_PARAMETERS.map(({ option }) => option),
])

/** Whether `connect` has an option of this name. */
export function isConnectOption(name: string): boolean {
  return OPTIONS.has(name)
}

/** Names that people bring along from elsewhere, without case and underscores, to the option meant. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ...[...OPTIONS].map((option) => [option.toLowerCase(), option] as const),
  ...PARAMETERS.flatMap(({ name, option }) => (option ? [[bare(name), option] as const] : [])),
  ['hostname', 'host'],
  ['username', 'user'],
  ['connectionstring', 'dsn'],
  ['tls', 'ssl'],
  ['connecttimeout', 'timeout'],
  ['connectiontimeoutmillis', 'timeout'],
  ['applicationname', 'serverSettings: { application_name }'],
])

function bare(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

function checkNames(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || OPTIONS.has(name)) continue
    const remedy = foreignKeyRemedy(name)
    const meant = SPELLINGS.get(bare(name)) ?? (remedy === undefined ? nearestName(name, OPTIONS) : undefined)
    throw new ClientConfigurationError(`invalid options: there is no option ${quote(name)}`, {
      hint:
        meant === undefined ? (remedy ?? 'the reference of parameters lists all options') : `use ${meant}`,
    })
  }
}

/** A demand for safety that cannot be met is refused, not overlooked. */
function refuseVariables({ env }: Sources): void {
  for (const { name, harmless, remedy } of REFUSED_VARIABLES) {
    const value = env[name]
    if (!value || harmless.includes(value)) continue
    throw new ClientConfigurationError(`the environment variable ${name}=${quote(value)} is not supported`, {
      hint: remedy,
    })
  }
}

function systemUser({ userName }: Sources): string {
  if (userName) return userName
  throw new ClientConfigurationError('there is no user: none is given and the operating system knows none', {
    hint: 'give the option user, put it into the DSN, or set PGUSER',
  })
}

function checkCallback({ onCallbackError }: ConnectOptions): void {
  if (onCallbackError === undefined || onCallbackError === null || typeof onCallbackError === 'function')
    return
  throw invalid(
    { name: 'onCallbackError', value: onCallbackError, origin: optionOrigin('onCallbackError') },
    `it must be a function, not ${kindOf(onCallbackError)}`,
  )
}

function readSignal({ signal }: ConnectOptions): AbortSignal | undefined {
  if (signal === undefined || signal === null || isAbortSignal(signal)) return signal ?? undefined
  throw invalid(
    { name: 'signal', value: signal, origin: optionOrigin('signal') },
    `it must be an AbortSignal, not ${kindOf(signal)}`,
  )
}
