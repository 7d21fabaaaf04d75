import type { ConnectOptions } from './connect-options.ts'
import { type ParsedDsn, parseDsn } from './dsn.ts'
import { DSN_ORIGIN, environmentOrigin, optionOrigin, type Setting, serviceOrigin } from './origin.ts'
import { PARAMETERS, type ParameterName, parameter } from './parameters.ts'
import { loadService, type Service } from './service-file.ts'
import type { Sources } from './sources.ts'
import { checkText } from './values.ts'

/**
 * The sources of one connection on top of each other: options, DSN, service, environment. A parameter has
 * the value of the highest layer that gives one; only that value is looked at.
 */
export class Layers {
  readonly options: ConnectOptions
  readonly dsn: ParsedDsn | undefined
  readonly sources: Sources
  /** What any source names: most parameters are named by none, and connecting should not take long to find out. */
  readonly #named: Set<ParameterName>
  #service: Service | undefined

  constructor(dsn: string | undefined, options: ConnectOptions, sources: Sources) {
    this.options = options
    this.sources = sources
    this.dsn = dsn === undefined ? undefined : parseDsn(dsn)
    this.#named = new Set(this.dsn?.values.keys())
    const { env } = sources
    for (const { name, option, variable } of PARAMETERS) {
      if (this.#named.has(name)) continue
      if (variable !== undefined && env[variable] !== undefined) this.#named.add(name)
      else if (option !== undefined && option in options) this.#named.add(name)
    }
    const service = this.text('service')
    if (service === undefined) return
    this.#service = loadService(service, this.text('servicefile'), sources)
    for (const name of this.#service.values.keys()) this.#named.add(name)
  }

  /** The value that counts, or undefined where no source gives one. */
  find(name: ParameterName): Setting | undefined {
    if (!this.#named.has(name)) return undefined
    return this.option(name) ?? this.inDsn(name) ?? this.inService(name) ?? this.inEnvironment(name)
  }

  /** Like `find`, and checked to be text that can be sent. An empty text is no value. */
  text(name: ParameterName): (Setting & { readonly value: string }) | undefined {
    const setting = this.find(name)
    return setting === undefined ? undefined : checkText(setting, parameter(name).secret)
  }

  option(name: ParameterName): Setting | undefined {
    const { option } = parameter(name)
    if (option === undefined) return undefined
    const value = this.options[option as keyof ConnectOptions]
    // An empty password is one; an empty name is none.
    if (value === undefined || value === null || (value === '' && name !== 'password')) return undefined
    return { name: option, value, origin: optionOrigin(option) }
  }

  inDsn(name: ParameterName): Setting | undefined {
    const value = this.dsn?.values.get(name)
    return value === undefined ? undefined : { name, value, origin: DSN_ORIGIN }
  }

  inService(name: ParameterName): Setting | undefined {
    const found = this.#service?.values.get(name)
    if (found === undefined || (found.text === '' && name !== 'password')) return undefined
    return { name, value: found.text, origin: serviceOrigin((this.#service as Service).path, found.line) }
  }

  inEnvironment(name: ParameterName): Setting | undefined {
    const { variable } = parameter(name)
    if (variable === undefined) return undefined
    const value = this.sources.env[variable]
    if (value === undefined || (value === '' && name !== 'password')) return undefined
    return { name, value, origin: environmentOrigin(variable) }
  }
}
