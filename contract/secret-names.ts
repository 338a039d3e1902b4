/**
 * Names of files that hold secrets by custom: the file endpoints never show such files, and the packet of a plan that reads one says so.
 * docs/files-and-secrets.md lists them. Compared without regard to case. Pure.
 */
const SECRET_NAMES: readonly RegExp[] = [
  /^\.env(?:rc)?$/,
  /^\.env\.(?!(?:example|sample|template|dist|defaults)$)/,
  /\.env$/,
  /\.(?:pem|key|p12|pfx|p8|jks|keystore|kdbx?|ppk|gpg|pgp|asc|ovpn|tfstate|tfvars|agekey|mobileprovision)(?:\.(?:bak|backup|old|orig))?$/,
  /^id_[a-z0-9]+(?:_sk)?$/,
  /^\.?(?:credentials?|secrets?)(?:\.(?:json|ya?ml|toml|ini|txt|xml|env|properties|enc|csv))?$/,
  /^(?:service[-_]?account|gcp[-_]?key|application_default_credentials).*\.json$/,
  /^client_secret.*\.json$/,
  /^(?:[._]netrc|\.pgpass|\.my\.cnf|\.npmrc|\.yarnrc\.yml|\.pypirc|\.git-credentials|\.htpasswd|\.dockercfg|\.vault-token|\.terraformrc|\.s3cfg|\.boto)$/,
  /^(?:kubeconfig|\.kubeconfig|master\.key|shadow|vault-password.*|\.vault_pass.*)$/,
];
const SECRET_FOLDERS: ReadonlySet<string> = new Set(['.ssh', '.aws', '.gnupg', '.kube', '.azure', '.gcloud', '.docker', '.orch_data']);

/** Characters that some file systems ignore in names, so that `.g<invisible>it` is `.git` to them. */
const IGNORED_BY_FILE_SYSTEMS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** What a name may be to a file system that folds case, width and forms of letters. */
export function folded(name: string): string {
  return name.replaceAll(IGNORED_BY_FILE_SYSTEMS, '').normalize('NFKC').toLowerCase();
}

/** Whether a name says that secrets are in it. */
export function looksSecret(name: string): boolean {
  const plain = folded(name);
  return SECRET_FOLDERS.has(plain) || SECRET_NAMES.some((pattern) => pattern.test(plain));
}
