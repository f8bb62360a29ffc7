/**
The alert sources in words: what each says, why it is not known, what its failures mean for it, the silence, and how the clocks of an incident are
known. `short` words go into rows, sentences into overlays.
*/

import type {AlertTrouble, AlertView, TargetErrorKind} from '../core/alerts.ts';
import type {Failure} from '../core/ports.ts';
import type {ResolveDoubt} from '../core/update-alerts.ts';
import {makeSafe} from '../core/text.ts';
import type {Formatter} from './format.ts';
import {defineArea, type Area, type Language} from './language.ts';

const text = (value: string | number | undefined): string => value === undefined ? '' : String(value);

export const alertWords = defineArea({
	alerts: 'Alert sources',
	firing: 'fires',
	pending: 'pending',
	clear: 'clear',
	none: 'no alert',
	unknown: 'not known',
	over: 'fires on, its condition is over',
	since: (time: string) => `since ${time}`,
	firedAt: (time: string) => `since ${time} (when it fired)`,
	down: (down: string, all: string) => `${down} of ${all} down`,
	silenced: 'silenced: nobody is paged',
	inhibited: 'inhibited by another alert: nobody is paged',
	targetSays: 'Prometheus cannot scrape the target',
	was: (state: string) => `was: ${state}`,
	skewed: (span: string, ahead: boolean) => `its clock is ${span} ${ahead ? 'ahead' : 'behind'}; times here are by ours`,

	headerFiring: (name: string) => `alert ${name} fires`,
	headerPending: (name: string) => `alert ${name} pending`,
	headerSilenced: (name: string) => `alert ${name} silenced`,
	headerUnknown: 'alert not known',

	elapsed: 'open for',
	severity: 'severity',
	impact: 'impact',
	silence: 'silence',
	silencedUntil: (time: string, by: string) => `in Alertmanager until ${time}, by ${by}`,
	byAlert: 'by the alert',
	mitigatedByAlert: 'the alert says that it is over',
	mitigatedByChecks: 'every decisive ping green',
	endedByWatch: 'by itself, after the watching window',
	closed: 'closed',
	closedWords: 'everything to be done afterwards is done or waived',
	stateClosed: 'CLOSED',
	watchLeft: (span: string) => `green; resolving is offered in ${span}`,
	resolveNow: 'The watching window is over and nothing speaks against it: x resolves.',
	resolveNowShort: (incident: string, key: string) => `${incident} then ${key} resolves`,
	resolvesIn: (span: string) => `resolve in ${span}`,

	silenceTitleCreate: 'Silence the alert?',
	silenceTitleExtend: 'Extend the silence?',
	silenceTitleLift: 'Lift the silence?',
	silenceWhat: 'silences',
	silenceUntil: 'until',
	silenceNow: 'now until',
	silenceComment: 'comment',
	silenceCreates: 'Nobody is paged for it again while you work on it. It ends by itself, is extended while the incident is open and acknowledged, and is lifted when the incident is resolved. It hides nothing here.',
	silenceLifts: 'Pages for it go out again at once if it still fires.',
	silenceYes: 'asks Alertmanager for it',
	silenceLiftKey: 'lift it instead',
	silenceKey: 'silence',

	severityTitle: 'Severity',
	severityHint: 'Who changed it from what to what goes into the record.',
	severityKey: 'severity',
	severityTake: 'takes it',

	doubtFailing: 'it still fails; why resolve?',
	doubtAlert: 'the alert still fires; why resolve?',
	'doubtAlert-unknown': 'the alert is not known; why resolve?',
	doubtOpen: 'resolved; what was it?',
	doubtWatching: 'the watching window is not over; why resolve?',
}, {
	alerts: 'Fontes de alerta',
	firing: 'disparado',
	pending: 'pendente',
	clear: 'normal',
	none: 'sem alerta',
	unknown: 'não se sabe',
	over: 'ainda disparado, mas a condição acabou',
	since: time => `desde ${time}`,
	firedAt: time => `desde ${time} (quando disparou)`,
	down: (down, all) => `${down} de ${all} fora do ar`,
	silenced: 'silenciado: ninguém é chamado',
	inhibited: 'inibido por outro alerta: ninguém é chamado',
	targetSays: 'o Prometheus não consegue coletar do alvo',
	was: state => `antes: ${state}`,
	skewed: (span, ahead) => `o relógio dele está ${span} ${ahead ? 'adiantado' : 'atrasado'}; os horários aqui são do nosso`,

	headerFiring: name => `alerta ${name} disparado`,
	headerPending: name => `alerta ${name} pendente`,
	headerSilenced: name => `alerta ${name} silenciado`,
	headerUnknown: 'alerta desconhecido',

	elapsed: 'aberto há',
	severity: 'severidade',
	impact: 'impacto',
	silence: 'silêncio',
	silencedUntil: (time, by) => `no Alertmanager até ${time}, por ${by}`,
	byAlert: 'pelo alerta',
	mitigatedByAlert: 'o alerta diz que acabou',
	mitigatedByChecks: 'todos os pings decisivos verdes',
	endedByWatch: 'sozinho, depois da janela de observação',
	closed: 'fechado',
	closedWords: 'tudo o que havia a fazer depois foi feito ou dispensado',
	stateClosed: 'FECHADO',
	watchLeft: span => `verde; dá para resolver em ${span}`,
	resolveNow: 'A janela de observação terminou e nada depõe contra: x resolve.',
	resolveNowShort: (incident, key) => `${incident} e depois ${key} resolve`,
	resolvesIn: span => `resolver em ${span}`,

	silenceTitleCreate: 'Silenciar o alerta?',
	silenceTitleExtend: 'Prolongar o silêncio?',
	silenceTitleLift: 'Encerrar o silêncio?',
	silenceWhat: 'silencia',
	silenceUntil: 'até',
	silenceNow: 'agora até',
	silenceComment: 'comentário',
	silenceCreates: 'Ninguém é chamado de novo por ele enquanto você trabalha. Termina sozinho, é prolongado enquanto o incidente está aberto e assumido, e é encerrado quando o incidente é resolvido. Aqui ele não esconde nada.',
	silenceLifts: 'Se ainda estiver disparado, volta a chamar na hora.',
	silenceYes: 'pede ao Alertmanager',
	silenceLiftKey: 'encerrar em vez disso',
	silenceKey: 'silêncio',

	severityTitle: 'Severidade',
	severityHint: 'Quem mudou, de quê para quê, fica registrado.',
	severityKey: 'severidade',
	severityTake: 'escolhe',

	doubtFailing: 'ainda falha; por que resolver?',
	doubtAlert: 'o alerta ainda está disparado; por que resolver?',
	'doubtAlert-unknown': 'não se sabe do alerta; por que resolver?',
	doubtOpen: 'resolvido; o que era?',
	doubtWatching: 'a janela de observação não terminou; por que resolver?',
});

export type AlertWords = (typeof alertWords)[Language];

const sourceNames: Readonly<Record<AlertView['source'], string>> = {prometheus: 'Prometheus', alertmanager: 'Alertmanager'};

export const sourceName = (source: string): string => sourceNames[source as AlertView['source']] ?? makeSafe(source);

/** What is wrong with a source beside what it says. */
const troubles: Area<Readonly<Record<AlertTrouble, string>>> = {
	en: {
		'not-asked': 'not asked yet',
		'no-answer': 'does not answer',
		'no-data': 'no data: the query finds no series, which says nothing of health',
		'no-rule': 'there is no such alerting rule: it would page nobody',
		'rule-fails': 'the alerting rule cannot be evaluated: it pages nobody',
	},
	'pt-BR': {
		'not-asked': 'ainda não consultado',
		'no-answer': 'não responde',
		'no-data': 'sem dados: a consulta não acha série nenhuma, o que não diz nada da saúde',
		'no-rule': 'não existe essa regra de alerta: ela não chamaria ninguém',
		'rule-fails': 'a regra de alerta não pode ser avaliada: ela não chama ninguém',
	},
};

export const troubleWords = (language: Language, trouble: AlertTrouble): string => troubles[language][trouble];

type FailureWords = (params: NonNullable<Failure['params']>) => string;

const authoritiesWords: Area<(path: string) => string> = {
	en: path => `your own authorities in ${path} (tls.ca) cannot be read, or are no certificates`,
	'pt-BR': path => `o arquivo de autoridades próprias ${path} (tls.ca) não pode ser lido ou não contém certificados`,
};

const failures: Area<Readonly<Partial<Record<Failure['code'], FailureWords>>>> = {
	en: {
		refused: ({host}) => `nothing listens at ${text(host)}`,
		unreachable: ({host}) => `${text(host)} cannot be reached: name or network`,
		'timed-out': ({host, deadlineMs}) => `${text(host)} did not answer within ${Number(deadlineMs ?? 0) / 1000} s`,
		denied: ({host, status, token, variable, path}) => token === undefined ? `${text(host)} wants another token or password (status ${text(status)})` : `the secret ${variable === undefined ? `in ${text(path)} cannot be read` : `in the variable ${text(variable)} is missing`}, or is none`,
		'not-found': ({host}) => `${text(host)} has no such page (404): is the address right?`,
		unsupported: ({host, status, redirect}) => redirect === undefined ? 'not configured' : `${text(host)} sends elsewhere (status ${text(status)}), which is not followed: put that address into the configuration`,
		malformed: ({host}) => `${text(host)} answers, and not as this source does`,
		failed: ({host, status}) => status === undefined ? `the connection to ${text(host)} broke` : `${text(host)} answers with status ${text(status)}`,
	},
	'pt-BR': {
		refused: ({host}) => `nada escuta em ${text(host)}`,
		unreachable: ({host}) => `não dá para alcançar ${text(host)}: nome ou rede`,
		'timed-out': ({host, deadlineMs}) => `${text(host)} não respondeu em ${Number(deadlineMs ?? 0) / 1000} s`,
		denied: ({host, status, token, variable, path}) => token === undefined ? `${text(host)} quer outro token ou senha (status ${text(status)})` : `o segredo ${variable === undefined ? `em ${text(path)} não pode ser lido` : `na variável ${text(variable)} falta`}, ou não serve`,
		'not-found': ({host}) => `${text(host)} não tem essa página (404): o endereço está certo?`,
		unsupported: ({host, status, redirect}) => redirect === undefined ? 'não configurado' : `${text(host)} manda para outro lugar (status ${text(status)}), e isso não é seguido: ponha aquele endereço na configuração`,
		malformed: ({host}) => `${text(host)} responde, mas não como essa fonte`,
		failed: ({host, status}) => status === undefined ? `a conexão com ${text(host)} caiu` : `${text(host)} responde com status ${text(status)}`,
	},
};

/** Why a source could not be asked, in one line, with its own words behind. */
export const alertFailure = (language: Language, {code, params = {}, detail}: Failure): string =>
	makeSafe(`${params['authorities'] === undefined ? failures[language][code]?.(params) ?? code : authoritiesWords[language](text(params['path']))}${detail === '' ? '' : `: ${detail}`}`);

/** What a source says, in a line: state, since when, and what is wrong with it. */
export const alertLine = (language: Language, view: AlertView, format: Formatter, nowMs: number): string => {
	const say = alertWords[language];
	const since = view.sinceMs === null ? '' : (view.source === 'alertmanager' ? say.firedAt : say.since)(format.moment(view.sinceMs, nowMs));
	const isAsked = view.trouble !== 'no-answer' && view.trouble !== 'not-asked';
	const parts = [
		`${view.isOver && view.state === 'firing' ? say.over : say[view.state]}${since === '' || view.state === 'unknown' ? '' : ` ${since}`}`,
		...(view.state !== 'unknown' && view.down > 0 ? [say.down(String(view.down), String(view.series))] : []),
		...(view.skewMs === 0 ? [] : [say.skewed(format.span(Math.abs(view.skewMs)), view.skewMs > 0)]),
		...(view.silenced ? [say.silenced] : []),
		...(view.inhibited ? [say.inhibited] : []),
		...(view.trouble === null || (view.trouble === 'no-answer' && view.failure !== null) ? [] : [troubleWords(language, view.trouble)]),
		...(view.failure === null ? [] : [alertFailure(language, view.failure)]),
		...(isAsked && view.error !== '' && view.failure === null ? [view.error] : []),
		...(view.state === 'unknown' && view.last !== null ? [say.was(`${say[view.last]}${view.atMs === null ? '' : `, ${format.time(view.atMs)}`}`)] : []),
	];
	return makeSafe(parts.join(' · '));
};

export const doubtWords = (language: Language, doubt: ResolveDoubt | null): string => {
	const say = alertWords[language];
	const words: Readonly<Record<ResolveDoubt, string>> = {failing: say.doubtFailing, alert: say.doubtAlert, 'alert-unknown': say['doubtAlert-unknown'], open: say.doubtOpen, watching: say.doubtWatching};
	return words[doubt ?? 'open'];
};

/** What spoke against resolving, as the record has it. */
const againstWords: Area<Readonly<Record<string, string>>> = {
	en: {failing: 'although it still failed', alert: 'although the alert still fired', 'alert-unknown': 'the alert was not known', watching: 'before the watching window was over', open: ''},
	'pt-BR': {failing: 'embora ainda falhasse', alert: 'embora o alerta ainda estivesse disparado', 'alert-unknown': 'sem saber do alerta', watching: 'antes do fim da janela de observação', open: ''},
};

export const againstOf = (language: Language, against: string): string => Object.hasOwn(againstWords[language], against) ? againstWords[language][against]! : '';

/** What an error of a scrape points to, for a reader who is not at home in Go's words. */
export const targetErrorWords: Area<Readonly<Record<TargetErrorKind, string>>> = {
	en: {refused: 'from there nothing answers at that address', 'timed-out': 'from there it does not answer in time', dns: 'there the name is not found', status: 'there it answers, with an error of its own', path: 'the metrics page is not what Prometheus expects', tls: 'TLS fails from there', other: ''},
	'pt-BR': {refused: 'de lá nada responde nesse endereço', 'timed-out': 'de lá não responde a tempo', dns: 'lá o nome não é encontrado', status: 'lá ele responde, com um erro próprio', path: 'a página de métricas não é o que o Prometheus espera', tls: 'o TLS falha a partir de lá', other: ''},
};
