import { bridge } from './boundary/environment.ts'
import { packTypeOptions } from './boundary/type-options.ts'
import type { ConnectOptions } from './config/connect-options.ts'
import type { ConnectPlan } from './config/connect-plan.ts'
import type { HostPlan } from './config/hosts.ts'
import { planConnection } from './config/plan-connection.ts'
import { systemSources } from './config/sources.ts'
import { repeatedPlan } from './connect/repeated-plan.ts'
import { type RunIo, runPlan } from './connect/run-plan.ts'
import { mayHaveAttributes } from './connect/session-attributes.ts'
import { emitWarnings, systemIo } from './connect/system-io.ts'
import { Connection } from './connection.ts'
import type { ConnectionParts } from './connection-workings.ts'
import { InterfaceError, TimeoutError } from './errors/index.ts'
import type { LoopReference } from './loop-reference.ts'
import { type ConnectionPlace, placeAttributes } from './observer.ts'
import { dial, type Session } from './session.ts'
import { now } from './timers.ts'
import { isTraced, type TraceMessage, trace } from './tracing.ts'
import { resolveCodecs } from './type-codecs.ts'
import { checkRecordClass } from './types/record.ts'
import { UNLIMITED } from './types/session-limits.ts'
import type { TypeCodec } from './types/type-codec.ts'

/** Makes connections by one plan. */
export interface Connector {
  /** Where it leads: `host:port/database`, with all hosts that there are. */
  readonly name: string
  /** Milliseconds that a connect may take in all, `null` for no limit. */
  readonly timeout: number | null
  /** As {@link connect} does; `signal` ends the attempt, `reference` says whether it keeps the process alive. */
  open(signal: AbortSignal | undefined, reference?: LoopReference): Promise<Connection>
  /** Whether the server of a connection may still be of the kind that `targetSessionAttrs` asks for. */
  fits(connection: Connection): boolean
  /** Whether a connection is to write, and only a refused write can tell that its server takes none any more. */
  isBlind(connection: Connection): boolean
}

/** A connector for one connection, with the signal that its plan has. */
export interface SingleConnector extends Connector {
  readonly signal: AbortSignal | undefined
}

/** Checks what `connect()` was given. */
export function connectorOnce(
  dsn: string | ConnectOptions | undefined,
  options: ConnectOptions | undefined,
): SingleConnector {
  const plan =
    typeof dsn === 'string' && options === undefined
      ? repeatedPlan(dsn, systemSources())
      : planConnection(dsn, options, systemSources())
  const given = typeof dsn === 'object' && dsn !== null ? dsn : (options ?? {})
  return { ...connectorOf(plan, given), signal: plan.signal }
}

/** Groups of sessions that there have been. */
let groups = 0

/**
 * Checks everything now, and connects by it later, as often as it is asked to. What a server tells one of the connections
 * about a text is known to the others.
 */
export function connector(dsn: string | undefined, options: ConnectOptions): Connector {
  groups = (groups % MOST_GROUPS) + 1
  return connectorOf(planConnection(dsn, options, systemSources()), options, groups)
}

/** Numbers of groups begin anew then. */
const MOST_GROUPS = 0x3fff_ffff

/** @param group the number of the group that the sessions belong to, `undefined` for none. */
function connectorOf(plan: ConnectPlan, given: ConnectOptions, group?: number): Connector {
  const make = connectionClass(given)
  const recordClass = checkRecordClass(given.recordClass ?? undefined)
  const types = packTypeOptions(plan.session.types)
  const { codecs = [] } = plan.session.types
  emitWarnings(plan.warnings)
  // A binary that does not load is told at once, and not as the failure of a host.
  bridge()
  const open: Connector['open'] = async (signal, reference) => {
    const begun = now()
    const run = (): Promise<Dialled> => runPlan(plan, { ...io(group, reference), types }, signal, reference)
    const dialled = isTraced('connect') ? await traced(plan, run) : await run()
    const { session } = dialled
    if (codecs.length > 0) await setCodecs(session, codecs, plan.timeout, begun, signal)
    return new make({
      session,
      place: placeOf(plan, dialled.host),
      commandTimeout: plan.session.commandTimeout,
      recordClass,
      onCallbackError: given.onCallbackError ?? undefined,
    })
  }
  const { targetSessionAttrs } = plan
  const fits: Connector['fits'] = (connection) =>
    targetSessionAttrs === 'any' ||
    mayHaveAttributes(targetSessionAttrs, (name) => connection.getSettings().get(name))
  const isBlind: Connector['isBlind'] = (connection) =>
    (targetSessionAttrs === 'primary' || targetSessionAttrs === 'read-write') &&
    connection.getSettings().get('in_hot_standby') === undefined
  const places = plan.hosts.map((host) => placeOf(plan, host))
  const name = `${places.map(({ host, port }) => `${host}:${port}`).join(',')}/${plan.hide(plan.database)}`
  return { name, timeout: plan.timeout, open, fits, isBlind }
}

/** Sets codecs on a session that was opened just now, within the time that is left; it is dropped when they cannot be. */
async function setCodecs(
  session: Session,
  codecs: readonly TypeCodec[],
  timeout: number | null,
  begun: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    const remaining = timeout === null ? undefined : timeout - (now() - begun)
    const customs = await resolveCodecs(session, codecs, { timeout: remaining, signal }, session)
    session.typing.setCodecs(session.typing.codecs.with(...customs))
  } catch (error) {
    session.terminate()
    if (!(error instanceof TimeoutError)) throw error
    const message = `connecting timed out after ${timeout} ms while looking up the types of its codecs`
    throw new TimeoutError(message, { phase: 'session' })
  }
}

/** Tells of the attempt. Which of several hosts it was is known at its end. */
function traced(plan: ConnectPlan, run: () => Promise<Dialled>): Promise<Dialled> {
  const { hosts, timeout } = plan
  const [first] = hosts
  const attributes =
    first !== undefined && hosts.length === 1
      ? placeAttributes(placeOf(plan, first))
      : { 'db.system.name': 'postgresql' as const, 'db.namespace': plan.hide(plan.database) }
  const message: TraceMessage = {
    attributes,
    connection: undefined,
    args: undefined,
    timeout,
    isInternal: false,
  }
  return trace('connect', message, async () => {
    const dialled = await run()
    Object.assign(attributes, placeAttributes(placeOf(plan, dialled.host)))
    return dialled
  })
}

/** A session and the host that it was opened at. */
interface Dialled {
  readonly session: Session
  readonly host: HostPlan
}

/** A place without what may be a piece of a password: it is shown wherever the connection is printed. */
function placeOf(plan: ConnectPlan, { host, socketPath, port }: HostPlan): ConnectionPlace {
  return {
    host: plan.hide(socketPath ?? host),
    port,
    database: plan.hide(plan.database),
    user: plan.hide(plan.user),
  }
}

type MakeConnection = new (parts: ConnectionParts) => Connection

function connectionClass({ connectionClass }: ConnectOptions): MakeConnection {
  // The constructor is protected: only connect() calls it.
  if (connectionClass === undefined) return Connection as unknown as MakeConnection
  const isConnection =
    typeof connectionClass === 'function' &&
    (connectionClass === Connection || connectionClass.prototype instanceof Connection)
  if (isConnection) return connectionClass as unknown as MakeConnection
  throw new InterfaceError('connectionClass must be Connection or a subclass of it')
}

const io = (group: number | undefined, reference: LoopReference | undefined): RunIo<Dialled> => ({
  ...systemIo,
  dial: async (attempt, stop, host) => ({
    session: await dial(group === undefined ? attempt : { ...attempt, group }, stop, reference),
    host,
  }),
  query: ({ session }, sql) => session.call({ kind: 'value', column: 0 }, sql, undefined, UNLIMITED, session),
  setting: ({ session }, name) => session.parameters.get(name),
  close: ({ session }) => session.close(5_000, session),
  drop: ({ session }) => session.terminate(),
})
