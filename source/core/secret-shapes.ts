/**
How secrets look when nobody has told their value: tokens by their maker's prefix, and values that stand behind a name which says that they are
secret, in the notations in which logs, configuration and commands write them. Used by redaction.ts only.
*/

/** Tokens that give themselves away. Each has three letters that redaction.ts looks for first. */
const tokens: readonly string[] = [
	String.raw`xox[abeoprs]-[\w-]{8,}`, String.raw`xapp-[\w-]{10,}`, String.raw`gh[oprsu]_\w{20,}`, String.raw`github_pat_\w{20,}`, String.raw`gl(?:pat|dt|rt|cbt|ptt|oas|ft|soat|agent|imt)-[\w-]{16,}`,
	String.raw`(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[\dA-Z]{16}`, String.raw`eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){1,3}`, String.raw`sk-[\w-]{20,}`, String.raw`(?:sk|rk)_(?:live|test)_\w{10,}`, String.raw`whsec_[\w+/=]{16,}`,
	String.raw`AIza[\w-]{30,}`, String.raw`ya29\.[\w-]{20,}`, String.raw`GOCSPX-[\w-]{20,}`, String.raw`1\/\/0[\w-]{20,}`, String.raw`(?:SK|AC)[\da-f]{32}`, String.raw`SG\.[\w-]{16,}\.[\w-]{16,}`, String.raw`key-[\da-f]{32}`,
	String.raw`[\da-f]{32}-us\d{1,2}`, String.raw`npm_[A-Za-z\d]{30,}`, String.raw`pypi-[\w-]{16,}`, String.raw`rubygems_[\da-f]{32,}`, String.raw`do[opr]_v1_[\da-f]{32,}`, String.raw`HRKU-[\w-]{20,}`, String.raw`lin_api_\w{20,}`,
	String.raw`(?:secret|ntn)_[A-Za-z\d]{32,}`, String.raw`shp(?:at|ca|pa|ss)_[\da-fA-F]{32}`, String.raw`sq0(?:atp|csp|idp)-[\w-]{20,}`, String.raw`\d{8,10}:AA[\w-]{30,}`,
	String.raw`sntry[su]_[\w=-]{20,}`, String.raw`NRAK-[\dA-Z]{20,}`, String.raw`gl(?:sa|c)_[\w=+/-]{20,}`, String.raw`hv[sbr]\.[\w-]{20,}`, String.raw`[A-Za-z\d]{14}\.atlasv1\.[\w-]{40,}`, String.raw`dckr_(?:pat|oat)_[\w-]{20,}`,
	String.raw`dapi[\da-f]{32}`, String.raw`hf_[A-Za-z]{30,}`, String.raw`PMAK-[\da-f-]{30,}`, String.raw`ATATT3[\w=-]{20,}`, String.raw`EAACEdEose0cBA\w+`, String.raw`AGE-SECRET-KEY-1[\dA-Z]{40,}`, String.raw`APP_USR-[\w-]{20,}`,
	String.raw`xkeysib-[\da-f]{32,}[\w-]*`, String.raw`figd_[\w-]{20,}`, String.raw`sbp_[\da-f]{30,}`, String.raw`pscale_(?:tkn|pw|oauth)_[\w=.-]{20,}`, String.raw`dp\.(?:pt|st|ct|sa)\.\w{20,}`, String.raw`tskey-[\w-]{16,}`,
	String.raw`\$2[abxy]\$\d\d\$[\w./]{53}`, String.raw`\$argon2(?:id|i|d)\$[^\s"']+`, String.raw`(?:pbkdf2:sha\d+(?::\d+)?|scrypt:\d+:\d+:\d+)\$[\w./]+\$[\da-f]{32,}`, String.raw`pbkdf2_sha\d+\$\d+\$\w+\$[\w+/=]{20,}`,
	String.raw`\$(?:[156]|apr1)\$[\w./]{2,16}\$[\w./]{22,}`,
];

// A letter, digit or underscore right before would make it the tail of something else (a hash, a path, a base64 text).
export const tokenPattern = new RegExp(`(?<![\\w/+])(?:${tokens.join('|')})`, 'g');

export const webhookPattern = /(hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/webhooks\/\d+\/|outlook\.office\.com\/webhook\/|api\.telegram\.org\/bot)[\w/:@.-]+/g;

// Words in a name which say that the value is secret: the first anywhere in a name (PGPASSWORD, dbPassword), the second only as words of their own.
const strong = String.raw`pass(?:word|wd|phrase|code)s?|secrets?|tokens?|api[_-]?keys?|(?:access|secret|private|encryption|encrypt|signing|auth|master|fernet|license|account|service|session|storage|admin|deploy|ssh|jwt|hmac|app|client|integration|routing|instrumentation)[_-]?key`
	+ String.raw`|credentials?|authorization|session[_-]?id|(?:php|j)?sessid|jsessionid|connect\.sid|csrf|xsrf|senha|segredo|chave[_ -](?:de[_ -])?(?:api|acesso|secreta|privada)`;
const weak = 'pass|pwd|sess|session|sid|otp|cvv|sig|signature|salt|pepper|auth|chave';
const words = String.raw`(?:${strong}|(?<![A-Za-z])(?:${weak}))`;
// What may stand between such a word and the value's sign; `_file`, `_type`, `_count` do not: what follows them is no secret.
const suffix = String.raw`(?:[_-]?(?:hash|base64|b64|key|value|valor|old|new|prod|dev|test|staging|id|banco|bd|db|api|admin|app|user|usuario|root|redis|postgres|\d+)){0,2}`;

/** Does a variable's name say that its value is secret? A public key, a user's name and a path to a secret are none. */
export const isSecretName = (name: string): boolean =>
	!/(?:user|usuario|username|login)$/i.test(name) && (secretName.test(name) || (/_KEY$/i.test(name) && !/(?:PUBLIC|GPG|PARTITION|CACHE|FOREIGN|PRIMARY|SORT|HOST|PUB)_?KEY$/i.test(name)));

const secretName = new RegExp(String.raw`${words}${suffix}$`, 'i');

const quoted = String.raw`\\+"(?:[^"\\]|\\(?!"))*(?:\\+"|$)|"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)`;
const bare = String.raw`[^\s"',;&})\]<>|[{(\\⏎][^\s"',;&})\]<>\\⏎]*`;

/** `name = value` in every notation: `"name": "value"`, `name => 'value'`, `\"name\":\"value\"`, `?name=value&`. Groups: what stays, the value. */
export const assignedPattern = new RegExp(String.raw`(${words}${suffix}["'\\]{0,4}\s{0,3}(?:=>|:=|==?|:(?!\/\/))\s*(?:b(?=["']))?)(${quoted}|${bare})`, 'gi');

/** A line of an environment file or listing: the value goes to its end, whatever stands in it. Groups: what stays, the name, the value. */
export const environmentLine = /^(\s*(?:-\s+)?(?:export\s+|ENV\s+|set\s+)?["']?([A-Z][A-Z\d_]*)\s*=)(.*)$/;

/** `--password value`, `--token=value`. Groups: what stays, the value. */
export const flagPattern = new RegExp(String.raw`(\s--?(?:\w+-)*(?:${strong}|pass|pwd|auth|key)s?(?:\s+|=))(${quoted}|(?!-)${bare})`, 'gi');

/** What is no secret behind a secret's name: nothing, a word for its state, a small number, a mask, a reference to where it is. */
export const isNoSecret = (value: string, name: string): boolean => {
	const inner = value.replaceAll(/^[\\"']+|[\\"']+$/g, '');
	return inner === '' || stateWords.test(inner) || (/tokens/i.test(name) && /^\d+$/.test(inner)) || (/(?:pwd|_?sid|session|auth|sig)\b/i.test(name) && /^(?:\/|\.\/|[a-z]{1,12}$)/.test(inner));
};

const stateWords = /^(?:true|false|null|none|nil|undefined|yes|no|on|off|ok|expired|invalid|missing|required|wrong|incorrect|mismatch|not|is|was|for|from|and|or|of|the|has|failed|error|password|empty|unset|set|bearer|basic|string|[*x•.-]+|\d{1,3}|\$\{?\w*\}?.*|<[^>]*>|\{\{.*|%\(?\w*\)?s?|‹redacted›)[.:]?$/i;
