import { type Discovered, discoverEnvironment } from '../config/discover.ts'
import { discoverLocal, LocalEngines } from '../config/discover-local.ts'
import { kinds } from '../providers/catalog.ts'

/** What this machine offers besides the configuration: keys of the environment, engines on their ports. */
export interface Surroundings {
  readonly environment: readonly Discovered[]
  /** Variables that hold something no header can carry. */
  readonly unusable: readonly string[]
  readonly engines: LocalEngines
}

/** Calls to this machine never go through a proxy, whatever the environment says of proxies. */
function exemptLoopback(): void {
  const names = new Set(
    (process.env.NO_PROXY ?? process.env.no_proxy ?? '').split(',').filter(name => name !== ''),
  )
  for (const name of ['localhost', '127.0.0.1', '::1']) names.add(name)
  process.env.NO_PROXY = process.env.no_proxy = [...names].join(',')
}

/** Looks around once. `useEnvironment` is what `--no-env` denies. */
export async function lookAround(useEnvironment: boolean): Promise<Surroundings> {
  exemptLoopback()
  const { providers, unusable } = useEnvironment
    ? discoverEnvironment(process.env, kinds)
    : { providers: [], unusable: [] }
  const engines = new LocalEngines(() => discoverLocal(kinds))
  await engines.rescan()
  return { environment: providers, unusable, engines }
}

/** Everything that was found, in the order in which it is told. */
export const allFound = ({ environment, engines }: Surroundings): readonly Discovered[] => [
  ...environment,
  ...engines.known,
]
