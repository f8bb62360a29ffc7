/**
Secrets in the configuration: never as they are, only as a reference to an environment variable or a file. Hides which names
are known to carry secrets, so that a literal under such a name is refused wherever it stands and its value never shown.
*/

/** Where a secret is to be found. */
export type SecretReference = {readonly env: string} | {readonly file: string};

const secretNames = new Set([
	'routingkey', 'integrationkey', 'apikey', 'accesskey', 'secretkey', 'privatekey', 'signingkey',
	'token', 'apitoken', 'accesstoken', 'bottoken', 'authtoken', 'bearer', 'authorization', 'auth',
	'password', 'passwd', 'pass', 'senha', 'secret', 'credential', 'credentials', 'webhook', 'webhookurl', 'dsn',
]);

/** Whether a key's name says that its value is a secret: `routing_key`, `slack-webhook`, `SENHA`. */
export const isSecretName = (name: string): boolean => {
	const words = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z]+/).filter(word => word !== '');
	return secretNames.has(words.join(''))
		|| words.some(word => secretNames.has(word))
		|| words.some((word, index) => secretNames.has(word + (words[index + 1] ?? '')));
};

/** Whether a value under a secret's name is a well-formed reference: exactly one of `env` and `file`, as text. */
export const isSecretReference = (value: unknown): value is SecretReference => {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		return false;
	}

	const entries = Object.entries(value);
	const [entry] = entries;
	return entries.length === 1 && entry !== undefined && typeof entry[1] === 'string' && entry[1] !== ''
		&& (entry[0] === 'env' ? /^[A-Za-z_]\w*$/.test(entry[1]) : entry[0] === 'file');
};

/** Whether an address carries a secret: a password before the host, or a query parameter with a secret's name. */
export const hasSecretInAddress = (address: string): boolean => {
	if (/^[^/?#]*:\/\/[^/?#@]*@/.test(address)) {
		return true;
	}

	const query = address.split('#')[0]!.split('?').slice(1).join('?');
	return [...new URLSearchParams(query)].some(([name, value]) => value !== '' && isSecretName(name));
};
