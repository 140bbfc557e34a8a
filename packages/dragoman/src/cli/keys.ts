import { parseKey } from '../stores/key-format.ts'
import type { KeyRecord, KeyStore } from '../stores/keys.ts'
import { CommandError } from './exit.ts'
import { openKeyStore } from './key-store.ts'
import { dataFolderOf, reasonOf } from './settings.ts'
import { print, printable, printJson, table } from './terminal.ts'

interface KeysOptions {
  readonly dataDir?: string
  readonly json?: boolean
}

async function withStore<T>(options: KeysOptions, work: (store: KeyStore) => Promise<T>): Promise<T> {
  const folder = dataFolderOf(options.dataDir)
  const store = await openKeyStore(folder).catch(error => {
    throw new CommandError(`The keys in ${folder} cannot be opened: ${reasonOf(error)}`)
  })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const iso = (milliseconds: number | undefined) =>
  milliseconds === undefined ? null : new Date(milliseconds).toISOString()

const toJson = ({ id, name, tenant, createdAt, lastUsedAt, revokedAt }: KeyRecord) => ({
  id,
  name,
  tenant,
  created_at: iso(createdAt),
  last_used_at: iso(lastUsedAt),
  revoked_at: iso(revokedAt),
})

/** A name is shown in lists and logs: one line, and not a page. */
function checkName(what: string, text: string): void {
  if (text.trim() === '' || text.length > 100 || printable(text) !== text || /[\r\n\t]/.test(text)) {
    throw new CommandError(`${what} has to be up to 100 characters on one line.`)
  }
}

export async function createKey(
  name: string,
  options: KeysOptions & { readonly tenant: string },
): Promise<void> {
  checkName('The name', name)
  checkName('The tenant', options.tenant)
  const { key, record } = await withStore(options, store => store.create(name, options.tenant))
  if (options.json) {
    printJson({ ...toJson(record), key })
    return
  }
  // The key alone on standard output, so that it can be piped; what is said about it goes beside.
  print(key)
  process.stderr.write(
    `This is the only time it is shown. To refuse it later: dragoman keys revoke ${record.id}\n`,
  )
}

export async function listKeys(options: KeysOptions): Promise<void> {
  const records = await withStore(options, store => store.list())
  if (options.json) {
    printJson(records.map(toJson))
    return
  }
  if (records.length === 0) {
    print('No keys yet. Make one: dragoman keys create NAME')
    return
  }
  const day = (milliseconds: number | undefined) =>
    iso(milliseconds)?.slice(0, 16).replace('T', ' ') ?? 'never'
  const rows = records.map(record => [
    record.id,
    printable(record.name),
    printable(record.tenant),
    day(record.createdAt),
    day(record.lastUsedAt),
    record.revokedAt === undefined ? 'in use' : `revoked ${day(record.revokedAt)}`,
  ])
  for (const row of table([['ID', 'NAME', 'TENANT', 'CREATED', 'LAST USED', 'STATE'], ...rows])) print(row)
}

export async function revokeKey(text: string, options: KeysOptions): Promise<void> {
  const id = parseKey(text)?.id ?? text
  const outcome = await withStore(options, store => store.revoke(id))
  if (outcome === undefined) {
    throw new CommandError(
      `There is no key with the id "${printable(id.slice(0, 40))}". "dragoman keys list" lists them.`,
    )
  }
  const { record, revoked } = outcome
  print(
    revoked
      ? `Revoked ${record.id} (${printable(record.name)}). A running gateway refuses it within a second.`
      : `${record.id} (${printable(record.name)}) was revoked before.`,
  )
}
