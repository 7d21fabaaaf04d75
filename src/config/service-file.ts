import { ClientConfigurationError } from '../errors/index.ts'
import { isMissing, readTextFile, reason } from './configured-file.ts'
import { refuseKey } from './dsn.ts'
import { quote, type Setting } from './origin.ts'
import { PARAMETER_BY_KEY, type ParameterName } from './parameters.ts'
import type { Sources } from './sources.ts'

/** A value of a service with the line it stands on. */
export interface ServiceValue {
  readonly text: string
  readonly line: number
}

/** The section of a service file that was asked for. */
export interface Service {
  readonly path: string
  readonly values: ReadonlyMap<ParameterName, ServiceValue>
}

const LARGEST_FILE = 1 << 20

/**
 * Finds a service: in the file that is named, and there only, else in the user's file and then in the
 * system's (PostgreSQL manual, "The Connection Service File").
 */
export function loadService(service: Setting, file: Setting | undefined, sources: Sources): Service {
  const name = service.value as string
  const places = file === undefined ? defaultPlaces(sources) : [file.value as string]
  for (const path of places) {
    let text: string
    try {
      text = readTextFile(path, LARGEST_FILE, sources)
    } catch (cause) {
      if (file === undefined && isMissing(cause)) continue
      throw unreadable(path, file, cause)
    }
    const values = parseServiceFile(text, name, path)
    if (values !== undefined) return { path, values }
  }
  throw new ClientConfigurationError(
    `invalid service from ${service.origin.text}: there is no section ${quote(name)}`,
    {
      detail:
        places.length === 0 ? 'no service file is known' : `looked in ${places.map(quote).join(' and ')}`,
      hint: 'add the section, or name the file with servicefile or PGSERVICEFILE',
    },
  )
}

function defaultPlaces({ env, platform, homeDirectory }: Sources): string[] {
  const places: string[] = []
  if (platform === 'win32') {
    if (env.APPDATA) places.push(`${env.APPDATA}\\postgresql\\.pg_service.conf`)
  } else if (homeDirectory !== undefined) places.push(`${homeDirectory}/.pg_service.conf`)
  if (env.PGSYSCONFDIR) places.push(`${env.PGSYSCONFDIR}/pg_service.conf`)
  return places
}

function unreadable(path: string, file: Setting | undefined, cause: unknown): ClientConfigurationError {
  const from = file === undefined ? '' : ` from ${file.origin.text}`
  return new ClientConfigurationError(
    `invalid servicefile${from}: cannot read ${quote(path)}: ${reason(cause)}`,
    { hint: 'correct the path, or make the file readable', cause },
  )
}

/**
 * The values of one section, or undefined where the file has no such section. Blanks around key and value
 * are dropped, what follows the "]" of a section too, the first of two equal keys and of two equal sections
 * counts, as in libpq; lines of other sections are not judged.
 */
export function parseServiceFile(
  text: string,
  name: string,
  path: string,
): Map<ParameterName, ServiceValue> | undefined {
  let values: Map<ParameterName, ServiceValue> | undefined
  let line = 0
  for (const raw of text.split('\n')) {
    line++
    const content = raw.trim()
    if (content === '' || content.startsWith('#')) continue
    if (content.startsWith('[')) {
      if (values !== undefined) break
      if (content.startsWith(`[${name}]`)) values = new Map()
    } else if (values !== undefined) {
      readLine(content, line, path, values)
    }
  }
  return values
}

function readLine(
  content: string,
  line: number,
  path: string,
  values: Map<ParameterName, ServiceValue>,
): void {
  const source = `line ${line} of the service file ${quote(path)}`
  if (/^ldaps?:\/\//i.test(content)) {
    throw new ClientConfigurationError(`invalid ${source}: looking a service up by LDAP is not supported`, {
      hint: 'write the parameters into the section',
    })
  }
  const equals = content.indexOf('=')
  if (equals < 0) {
    throw new ClientConfigurationError(`invalid ${source}: there is no "="`, { hint: 'write key=value' })
  }
  const key = content.slice(0, equals).trim()
  const parameter = PARAMETER_BY_KEY.get(key)
  if (parameter === undefined) {
    refuseKey(key, source)
    throw new ClientConfigurationError(`invalid ${source}: there is no parameter ${quote(key)}`, {
      hint: 'a server setting goes into options: options=-c name=value',
    })
  }
  if (parameter.notInServiceFile) {
    throw new ClientConfigurationError(`invalid ${source}: a service may not name a ${key}`)
  }
  if (!values.has(parameter.name))
    values.set(parameter.name, { text: content.slice(equals + 1).trim(), line })
}
