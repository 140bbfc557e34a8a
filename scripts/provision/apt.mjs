// Debian packages unpacked into a folder of ours: nothing is installed, and the system's own apt is not touched.
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from '../test/run.mjs'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Every `{ uri, suites }` in the machine's apt sources, of both formats. */
async function readSources() {
  const files = ['/etc/apt/sources.list']
  const more = '/etc/apt/sources.list.d'
  if (existsSync(more)) files.push(...(await readdir(more)).map(name => join(more, name)))
  const found = []
  for (const file of files) {
    if (!existsSync(file)) continue
    const text = await readFile(file, 'utf8')
    if (file.endsWith('.list')) {
      for (const [, uri, suite] of text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/gm))
        found.push({ uri, suites: suite })
    } else if (file.endsWith('.sources')) {
      for (const stanza of text.split(/\n\s*\n/)) {
        const uri = /^URIs:\s*(\S+)/m.exec(stanza)?.[1]
        if (uri !== undefined) found.push({ uri, suites: /^Suites:\s*(.+)$/m.exec(stanza)?.[1] ?? '' })
      }
    }
  }
  return found
}

/**
 * The Debian mirror that this machine itself uses, so that no host needs to be named here. Undefined where it uses
 * none: another system, or one whose packages come from elsewhere.
 */
export async function findDebianMirror() {
  if (!existsSync('/etc/os-release') || !existsSync(keyring)) return undefined
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1]
  return (await readSources()).find(({ suites }) => suites.split(/\s+/).includes(codename))?.uri
}

/**
 * Settings that keep every file apt writes inside `folder`, the machine's hooks out of it, and its installed packages
 * out of sight, so that all that a package needs comes with it. Given by `-c`, which is read after the machine's own.
 */
const settings = folder => `
Dir::Etc::sourcelist "${folder}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "${folder}/state";
Dir::State::status "/dev/null";
Dir::State::lists "${folder}/lists";
Dir::Cache "${folder}/cache";
Debug::NoLocking "true";
APT::Sandbox::User "";
APT::Install-Recommends "false";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Retries "2";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
`

/** Downloads a package of a suite with all it depends on, signatures checked, and unpacks it under `folder/root`. */
export async function unpackDebian(folder, mirror, suite, name) {
  const root = join(folder, 'root')
  const archives = join(folder, 'cache', 'archives')
  for (const path of [
    root,
    join(folder, 'state'),
    join(folder, 'lists', 'partial'),
    join(archives, 'partial'),
  ]) {
    await mkdir(path, { recursive: true })
  }
  await writeFile(join(folder, 'sources.list'), `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`)
  const config = join(folder, 'apt.conf')
  await writeFile(config, settings(folder))
  await runOrThrow('apt-get', [`-c=${config}`, 'update'])
  await runOrThrow('apt-get', [`-c=${config}`, 'install', '--yes', '--download-only', name])
  for (const file of await readdir(archives)) {
    if (file.endsWith('.deb')) await runOrThrow('dpkg', ['-x', join(archives, file), root])
  }
  // The lists are larger than the packages, and nobody needs them again.
  for (const path of ['lists', 'cache', 'state'])
    await rm(join(folder, path), { recursive: true, force: true })
  return root
}
