import { dataFolderOf, localKeyOf } from './settings.ts'
import { print } from './terminal.ts'

/** Prints the local key and nothing else, so that `$(dragoman key)` is the key. */
export async function key(options: { readonly dataDir?: string }): Promise<void> {
  print(localKeyOf(dataFolderOf(options.dataDir)))
}
