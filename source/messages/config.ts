/**
What the reader is told about a configuration file that is wrong: one sentence per problem, with its place in front, what was
expected, what stands there and, where there is one, the likely right word. Hides the wording; core and config know only codes.
*/

import type {ConfigurationProblem, Expectation, ExpectedKind} from '../core/settings.ts';
import type {Language} from './language.ts';

type Parameters = Readonly<Record<string, string | number>>;
type Sentence = (problem: ConfigurationProblem, params: Parameters) => string;
type Wording = {
	readonly sentences: Readonly<Record<ConfigurationProblem['code'], Sentence>>;
	readonly expected: Readonly<Record<ExpectedKind, string>>;
	readonly yaml: Readonly<Record<string, string>>;
	readonly yamlOther: (code: string) => string;
	readonly range: (least: string, most: string) => string;
	readonly atMost: (most: string) => string;
	readonly or: string;
	readonly didYouMean: (suggestion: string) => string;
	readonly refused: (count: number, file: string) => string;
};

const quote = (text: string): string => `"${text}"`;

/** What was expected, in words: `a duration such as 2s …, from 500ms to 1h`. */
const expectation = (wording: Wording, expected: Expectation | null): string => {
	if (expected === null) {
		return '';
	}

	const {kind, options, least, most} = expected;
	const what = kind === 'one-of' && options !== undefined ? `${options.slice(0, -1).join(', ')} ${wording.or} ${options.at(-1) ?? ''}` : wording.expected[kind];
	return what + (least !== undefined && most !== undefined ? wording.range(least, most) : most === undefined ? '' : wording.atMost(most));
};

const en: Wording = {
	sentences: {
		missing: () => 'this file does not exist; --config must name one that does',
		unreadable: (_problem, {error}) => error === 'EACCES' ? 'this file may not be read by you (permission denied): sudo chmod a+r on it, or use sudo' : `this file cannot be read (${error ?? ''})`,
		'not-a-file': () => 'this is not a regular file',
		'too-large': (_problem, {bytes, limitBytes}) => `this file has ${bytes ?? '?'} bytes, and a configuration may have ${limitBytes ?? '?'}: it is probably another file`,
		binary: () => 'this file is not text (it contains NUL bytes); UTF-8 text was expected',
		'not-utf8': () => 'this file is not UTF-8 from here on: save it as UTF-8',
		'timed-out': (_problem, {seconds}) => `the disk did not answer within ${seconds ?? '?'} s`,
		owner: (_problem, {uid}) => `this file is refused: it belongs to uid ${uid ?? '?'}, which is neither you, root nor the project's owner. sudo chown root on it`,
		'writable-by-others': (_problem, {mode, place}) => `this file is refused: others than you, root and the project's owner can write it (mode ${mode ?? '?'}). chmod go-w ${place ?? ''}`,
		'directory-owner': (_problem, {uid, place}) => `this file is refused: its directory ${place ?? ''} belongs to uid ${uid ?? '?'}, which is neither you, root nor the project's owner, and who owns a directory can replace the files in it. sudo chown root ${place ?? ''}`,
		'directory-writable-by-others': (_problem, {mode, place}) => `this file is refused: others than you, root and the project's owner can write its directory ${place ?? ''} (mode ${mode ?? '?'}) and so replace it. chmod go-w ${place ?? ''}`,
		syntax: (_problem, {yaml}) => `not valid YAML: ${en.yaml[String(yaml)] ?? en.yamlOther(String(yaml))}`,
		'duplicate-key': () => 'this key stands here for the second time; keep one',
		'too-many-aliases': () => 'aliases (*name) multiply too much here; write the values out',
		'unknown-key': ({path, suggestion}, {known}) => `unknown key ${quote(path)}${suggestion === undefined && known !== undefined && known !== '' ? `; known here: ${known}` : ''}`,
		'missing-key': ({path, expected}) => `${quote(path)} is missing: expected ${expectation(en, expected)}`,
		'wrong-value': ({path, expected, got}) => `${quote(path)}: expected ${expectation(en, expected)}, got ${got === '' ? 'something else' : got}`,
		'duplicate-ping': ({path, got}, {first}) => `${quote(path)}: the name ${quote(got)} is already taken by ping ${first ?? '?'}; every ping needs its own`,
		'ping-kind-missing': ({path}, {kinds}) => `${quote(path)} says nothing to ping: add one of ${kinds ?? ''}`,
		'ping-kind-several': ({path, got}) => `${quote(path)}: a ping has one kind, here are several (${got}); make them pings of their own`,
		'ping-needs-service': ({path, got}) => `${quote(path)}: "via: ${got}" needs to know whose: add "service"`,
		'only-for-http': ({path}, {kind}) => `${quote(path)} is only for http pings; this one is ${kind ?? 'another'}`,
		'unknown-time-zone': ({got}) => `"time-zone": ${quote(got)} is not a known time zone; expected an IANA name such as America/Sao_Paulo`,
		'warn-above-critical': ({path}, {warn, critical}) => `${quote(path)}: warn (${warn ?? ''}) lies above critical (${critical ?? ''})`,
		'slow-above-deadline': ({path}, {slowSeconds, deadlineSeconds}) => `${quote(path)}: slow (${slowSeconds ?? ''} s) lies above deadline (${deadlineSeconds ?? ''} s)`,
		'key-clash': ({path, got}, {other}) => `${quote(path)}: the key ${got} already means "${other ?? ''}"; choose another, or remap that one too`,
		'key-needs-upper-case': ({path, got}) => `${quote(path)}: ${got} cannot open an action; actions open with upper-case letters`,
		'key-needs-lower-case': ({path, got}) => `${quote(path)}: ${got} is upper case, and those keys only open actions`,
		'key-reserved': ({path, got}) => `${quote(path)}: ${got} is taken (y confirms an action, digits open scenarios)`,
		'secret-literal': ({path}, {name}) => `${quote(path)} looks like a secret, and secrets do not stand in this file: write {env: ${name ?? 'NAME'}} or {file: /path} instead`,
		'secret-in-address': ({path}) => `${quote(path)} carries a password or token in the address; addresses are shown on the screen. ${path.startsWith('alerts') ? 'Put a token under "token"' : 'Ping an address that needs none'}`,
		'query-compares': ({path}) => `${quote(path)} compares, and so leaves out what it should tell: an empty answer would mean "up" as well as "no such series"`,
		'login-unclear': ({path}) => `${quote(path)}: either "token", or "user" and "password" together`,
		'matchers-too-wide': ({path}) => `${quote(path)}: at least one must name something (name="value"), since a silence made of the others alone would silence every alert`,
		'unknown-field': ({path, got}, {known}) => `${quote(path)}: there is no field ${got}; known: ${known ?? ''}`,
		'slack-needs-one': ({path}) => `${quote(path)} needs exactly one of "webhook" and "token"`,
		'unattended-not-configured': ({path, got}) => `${quote(path)}: ${got} is not among "channels"`,
		'unattended-needs-file': ({path}, {kind}) => `${quote(path)}: a timer of the system has no environment of yours; for ${kind ?? 'it'} to be sent unattended write {file: /path}`,
		'warn-after-prompt': ({path, got}) => `${quote(path)}: ${got} is not before "after", when the prompt itself comes`,
		'event-says-nothing': ({path}, {kinds}) => `${quote(path)} says nothing that happens: add one of ${kinds ?? ''}`,
		'event-says-several': ({path, got}) => `${quote(path)}: one event is one thing, here are several (${got}); make them events of their own`,
		'event-two-times': ({path}) => `${quote(path)}: an event happens before the console opens ("ago") or after ("at"), not both`,
	},
	expected: {
		mapping: 'keys with values', list: 'a list', text: 'text', 'yes-or-no': 'true or false', duration: 'a duration such as 2s, 500ms or 1m', share: 'a share such as 80% or 0.8',
		'one-of': 'one of the known words', url: 'a URL that begins with http:// or https://', 'host-and-port': 'host:port, such as localhost:5432', path: 'a path',
		status: 'a status code or a list of them', scalar: 'text, a number, true or false', key: 'a key such as x, X, ctrl-x or page-up, or a list of keys',
		secret: '{env: NAME} or {file: /path}', 'project-name': 'a Compose project name (lower-case letters, digits, - and _)', 'time-zone': 'an IANA time zone such as America/Sao_Paulo', matcher: 'a matcher such as alertname="APIDown" (also !=, =~, !~)',
	},
	yaml: {
		TAB_AS_INDENT: 'a tab indents here; use spaces',
		BAD_INDENT: 'this line is not indented like the lines it belongs to',
		MISSING_CHAR: 'something is missing here, such as a closing quote or bracket, or a space after a colon',
		UNEXPECTED_TOKEN: 'this was not expected here',
		MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; is the colon missing?',
		BLOCK_AS_IMPLICIT_KEY: 'a second "key: value" on the same line, or a text with ": " in it that needs quotes',
		BLOCK_IN_FLOW: 'block notation inside [ ] or { }',
		BAD_SCALAR_START: 'a text cannot begin with this character unless it is quoted',
		BAD_DQ_ESCAPE: 'unknown \\ escape; use single quotes to take it as it stands',
		BAD_ALIAS: 'an alias (*name) that names nothing',
		MULTIPLE_DOCS: 'a second document begins here (---); one is expected',
		TAG_RESOLVE_FAILED: 'an unknown tag (!name)',
		NON_STRING_KEY: 'keys must be text',
	},
	yamlOther: code => `it cannot be understood here (${code})`,
	range: (least, most) => `, from ${least} to ${most}`,
	atMost: most => `, at most ${most}`,
	or: 'or',
	didYouMean: suggestion => `Did you mean ${suggestion}?`,
	refused: (count, file) => count === 1 ? `One problem with the configuration ${file}:` : `${count} problems with the configuration ${file}:`,
};

const ptBR: Wording = {
	sentences: {
		missing: () => 'este arquivo não existe; --config precisa indicar um que exista',
		unreadable: (_problem, {error}) => error === 'EACCES' ? 'você não pode ler este arquivo (permissão negada): sudo chmod a+r nele, ou use sudo' : `não é possível ler este arquivo (${error ?? ''})`,
		'not-a-file': () => 'isto não é um arquivo comum',
		'too-large': (_problem, {bytes, limitBytes}) => `este arquivo tem ${bytes ?? '?'} bytes, e uma configuração pode ter ${limitBytes ?? '?'}: provavelmente é outro arquivo`,
		binary: () => 'este arquivo não é texto (contém bytes NUL); esperava-se texto em UTF-8',
		'not-utf8': () => 'este arquivo não está em UTF-8 a partir daqui: salve-o como UTF-8',
		'timed-out': (_problem, {seconds}) => `o disco não respondeu em ${seconds ?? '?'} s`,
		owner: (_problem, {uid}) => `este arquivo foi recusado: pertence ao uid ${uid ?? '?'}, que não é você, nem root, nem o dono do projeto. sudo chown root nele`,
		'writable-by-others': (_problem, {mode, place}) => `este arquivo foi recusado: outros além de você, root e o dono do projeto podem escrever nele (modo ${mode ?? '?'}). chmod go-w ${place ?? ''}`,
		'directory-owner': (_problem, {uid, place}) => `este arquivo foi recusado: o diretório ${place ?? ''} pertence ao uid ${uid ?? '?'}, que não é você, nem root, nem o dono do projeto, e o dono de um diretório pode trocar os arquivos dele. sudo chown root ${place ?? ''}`,
		'directory-writable-by-others': (_problem, {mode, place}) => `este arquivo foi recusado: outros além de você, root e o dono do projeto podem escrever no diretório ${place ?? ''} (modo ${mode ?? '?'}) e assim trocá-lo. chmod go-w ${place ?? ''}`,
		syntax: (_problem, {yaml}) => `YAML inválido: ${ptBR.yaml[String(yaml)] ?? ptBR.yamlOther(String(yaml))}`,
		'duplicate-key': () => 'esta chave aparece aqui pela segunda vez; deixe só uma',
		'too-many-aliases': () => 'os aliases (*nome) se multiplicam demais aqui; escreva os valores por extenso',
		'unknown-key': ({path, suggestion}, {known}) => `chave desconhecida ${quote(path)}${suggestion === undefined && known !== undefined && known !== '' ? `; conhecidas aqui: ${known}` : ''}`,
		'missing-key': ({path, expected}) => `falta ${quote(path)}: esperava-se ${expectation(ptBR, expected)}`,
		'wrong-value': ({path, expected, got}) => `${quote(path)}: esperava-se ${expectation(ptBR, expected)}, mas está ${got === '' ? 'outra coisa' : got}`,
		'duplicate-ping': ({path, got}, {first}) => `${quote(path)}: o nome ${quote(got)} já é do ping ${first ?? '?'}; cada ping precisa do seu`,
		'ping-kind-missing': ({path}, {kinds}) => `${quote(path)} não diz o que testar: acrescente um de ${kinds ?? ''}`,
		'ping-kind-several': ({path, got}) => `${quote(path)}: um ping é de um tipo só, e aqui há vários (${got}); separe-os em pings próprios`,
		'ping-needs-service': ({path, got}) => `${quote(path)}: "via: ${got}" precisa saber de quem: acrescente "service"`,
		'only-for-http': ({path}, {kind}) => `${quote(path)} só vale para pings http; este é ${kind ?? 'outro'}`,
		'unknown-time-zone': ({got}) => `"time-zone": ${quote(got)} não é um fuso horário conhecido; esperava-se um nome IANA como America/Sao_Paulo`,
		'warn-above-critical': ({path}, {warn, critical}) => `${quote(path)}: warn (${warn ?? ''}) está acima de critical (${critical ?? ''})`,
		'slow-above-deadline': ({path}, {slowSeconds, deadlineSeconds}) => `${quote(path)}: slow (${slowSeconds ?? ''} s) está acima de deadline (${deadlineSeconds ?? ''} s)`,
		'key-clash': ({path, got}, {other}) => `${quote(path)}: a tecla ${got} já significa "${other ?? ''}"; escolha outra, ou mude aquela também`,
		'key-needs-upper-case': ({path, got}) => `${quote(path)}: ${got} não pode abrir uma ação; ações abrem com letras maiúsculas`,
		'key-needs-lower-case': ({path, got}) => `${quote(path)}: ${got} é maiúscula, e essas teclas só abrem ações`,
		'key-reserved': ({path, got}) => `${quote(path)}: ${got} é reservada (y confirma uma ação, dígitos abrem cenários)`,
		'secret-literal': ({path}, {name}) => `${quote(path)} parece um segredo, e segredos não ficam neste arquivo: escreva {env: ${name ?? 'NOME'}} ou {file: /caminho}`,
		'secret-in-address': ({path}) => `${quote(path)} leva uma senha ou token no endereço; endereços aparecem na tela. ${path.startsWith('alerts') ? 'Ponha um token em "token"' : 'Teste um endereço que não precise disso'}`,
		'query-compares': ({path}) => `${quote(path)} faz uma comparação e assim deixa de fora o que deveria dizer: uma resposta vazia significaria tanto "no ar" quanto "não existe essa série"`,
		'login-unclear': ({path}) => `${quote(path)}: ou "token", ou "user" e "password" juntos`,
		'matchers-too-wide': ({path}) => `${quote(path)}: pelo menos um precisa indicar algo (nome="valor"), pois um silêncio feito só dos outros calaria todos os alertas`,
		'unknown-field': ({path, got}, {known}) => `${quote(path)}: não existe o campo ${got}; conhecidos: ${known ?? ''}`,
		'slack-needs-one': ({path}) => `${quote(path)} precisa de exatamente um: "webhook" ou "token"`,
		'unattended-not-configured': ({path, got}) => `${quote(path)}: ${got} não está em "channels"`,
		'unattended-needs-file': ({path}, {kind}) => `${quote(path)}: um timer do sistema não tem o seu ambiente; para ${kind ?? 'isto'} sair sem ninguém escreva {file: /caminho}`,
		'warn-after-prompt': ({path, got}) => `${quote(path)}: ${got} não vem antes de "after", quando sai o próprio aviso`,
		'event-says-nothing': ({path}, {kinds}) => `${quote(path)} não diz o que acontece: acrescente um de ${kinds ?? ''}`,
		'event-says-several': ({path, got}) => `${quote(path)}: um evento é uma coisa só, aqui há várias (${got}); separe em eventos próprios`,
		'event-two-times': ({path}) => `${quote(path)}: um evento acontece antes de o console abrir ("ago") ou depois ("at"), não os dois`,
	},
	expected: {
		mapping: 'chaves com valores', list: 'uma lista', text: 'texto', 'yes-or-no': 'true ou false', duration: 'uma duração como 2s, 500ms ou 1m', share: 'uma proporção como 80% ou 0.8',
		'one-of': 'uma das palavras conhecidas', url: 'uma URL que comece com http:// ou https://', 'host-and-port': 'host:porta, como localhost:5432', path: 'um caminho',
		status: 'um código de status ou uma lista deles', scalar: 'texto, um número, true ou false', key: 'uma tecla como x, X, ctrl-x ou page-up, ou uma lista de teclas',
		secret: '{env: NOME} ou {file: /caminho}', 'project-name': 'um nome de projeto do Compose (letras minúsculas, dígitos, - e _)', 'time-zone': 'um fuso horário IANA como America/Sao_Paulo', matcher: 'um matcher como alertname="APIDown" (também !=, =~, !~)',
	},
	yaml: {
		TAB_AS_INDENT: 'há um tab na indentação; use espaços',
		BAD_INDENT: 'esta linha não tem a indentação das linhas a que pertence',
		MISSING_CHAR: 'falta algo aqui, como fechar aspas ou colchetes, ou um espaço depois dos dois-pontos',
		UNEXPECTED_TOKEN: 'isto não era esperado aqui',
		MULTILINE_IMPLICIT_KEY: 'uma chave precisa caber numa linha; faltam os dois-pontos?',
		BLOCK_AS_IMPLICIT_KEY: 'um segundo "chave: valor" na mesma linha, ou um texto com ": " que precisa de aspas',
		BLOCK_IN_FLOW: 'notação de bloco dentro de [ ] ou { }',
		BAD_SCALAR_START: 'um texto não pode começar com este caractere sem aspas',
		BAD_DQ_ESCAPE: 'escape \\ desconhecido; use aspas simples para o texto ficar como está',
		BAD_ALIAS: 'um alias (*nome) que não indica nada',
		MULTIPLE_DOCS: 'um segundo documento começa aqui (---); espera-se um',
		TAG_RESOLVE_FAILED: 'uma tag desconhecida (!nome)',
		NON_STRING_KEY: 'chaves precisam ser texto',
	},
	yamlOther: code => `não é possível entender daqui (${code})`,
	range: (least, most) => `, de ${least} a ${most}`,
	atMost: most => `, no máximo ${most}`,
	or: 'ou',
	didYouMean: suggestion => `Seria ${suggestion}?`,
	refused: (count, file) => count === 1 ? `Um problema na configuração ${file}:` : `${count} problemas na configuração ${file}:`,
};

const wordings: Readonly<Record<Language, Wording>> = {en, 'pt-BR': ptBR};

/** One problem as one line: `file:line:column: sentence. Did you mean …?` Without a place, only the file stands in front. */
export const configurationProblemSentence = (language: Language, problem: ConfigurationProblem): string => {
	const wording = wordings[language];
	const place = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
	const sentence = wording.sentences[problem.code](problem, problem.params ?? {});
	return `${place}: ${sentence}${problem.suggestion === undefined ? '' : `. ${wording.didYouMean(problem.suggestion)}`}`;
};

/** All problems: a heading and one line each. */
export const configurationProblemLines = (language: Language, problems: readonly ConfigurationProblem[]): readonly string[] =>
	problems.length === 0 ? [] : [wordings[language].refused(problems.length, problems[0]!.file), ...problems.map(problem => `  ${configurationProblemSentence(language, problem)}`)];
