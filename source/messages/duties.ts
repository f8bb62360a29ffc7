/** The duties after an incident in words: the shipped ones, what has become of each, and what helps with it. */

import type {Duty, DutyKind} from '../core/duties.ts';
import {defineArea, type Language} from './language.ts';

export const dutyWords = defineArea({
	title: 'After the incident',
	of: (id: string) => `· ${id}`,
	cause: 'Document the root cause',
	runbook: 'Update the runbook if needed',
	issue: 'File the issue that prevents it from happening again',
	review: 'Review logs and metrics',
	postMortem: (span: string) => `Hold the post-mortem if down for more than ${span}`,
	open: 'open',
	done: 'done',
	waived: 'waived',
	notRequired: 'not required: it was not down that long',
	by: (name: string, at: string) => `${name}, ${at}`,
	because: (note: string) => note,
	left: (count: number) => count === 1 ? '1 duty open' : `${count} duties open`,
	none: 'nothing left to do',
	closed: (at: string) => `closed ${at}`,
	stillOpen: 'The incident is still open: what is done now counts already.',
	helps: 'helps',
	keyDone: 'done',
	keyWaive: 'waive',
	keyCopy: 'copy the command',
	promptDone: 'done; a note, or just Enter:',
	promptWaive: 'waived; why?',
	/** In the first row of the screen, while nothing else is wrong. */
	reminder: (count: number, id: string) => `${count === 1 ? '1 duty' : `${count} duties`} open of ${id}`,
	head: 'duties',
	headOpen: (count: number) => `${count} open`,
	headClosed: 'closed',
	owing: (ids: string) => `Duties open: ${ids}`,
	section: 'Duties',
	sectionDone: (name: string, at: string, note: string) => `done by ${name}, ${at}${note === '' ? '' : `: ${note}`}`,
	sectionWaived: (name: string, at: string, note: string) => `waived by ${name}, ${at}${note === '' ? '' : `: ${note}`}`,
	timelineDone: (duty: string, note: string) => `Duty done: ${duty}${note === '' ? '' : ` (${note})`}`,
	timelineWaived: (duty: string, note: string) => `Duty waived: ${duty}${note === '' ? '' : ` (${note})`}`,
}, {
	title: 'Depois do incidente',
	of: id => `· ${id}`,
	cause: 'Documentar causa raiz',
	runbook: 'Atualizar runbook se necessário',
	issue: 'Criar issue para prevenir recorrência',
	review: 'Revisar logs e métricas',
	postMortem: span => `Realizar post-mortem se fora do ar por mais de ${span}`,
	open: 'pendente',
	done: 'feito',
	waived: 'dispensado',
	notRequired: 'não exigido: não ficou fora do ar por tanto tempo',
	by: (name, at) => `${name}, ${at}`,
	because: note => note,
	left: count => count === 1 ? '1 pendência' : `${count} pendências`,
	none: 'nada mais a fazer',
	closed: at => `fechado ${at}`,
	stillOpen: 'O incidente ainda está aberto: o que se fizer agora já conta.',
	helps: 'ajuda',
	keyDone: 'feito',
	keyWaive: 'dispensar',
	keyCopy: 'copiar o comando',
	promptDone: 'feito; uma nota, ou só Enter:',
	promptWaive: 'dispensado; por quê?',
	reminder: (count, id) => `${count === 1 ? '1 pendência' : `${count} pendências`} de ${id}`,
	head: 'pendências',
	headOpen: count => `${count} em aberto`,
	headClosed: 'fechado',
	owing: ids => `Pendências: ${ids}`,
	section: 'Pendências',
	sectionDone: (name, at, note) => `feito por ${name}, ${at}${note === '' ? '' : `: ${note}`}`,
	sectionWaived: (name, at, note) => `dispensado por ${name}, ${at}${note === '' ? '' : `: ${note}`}`,
	timelineDone: (duty, note) => `Pendência feita: ${duty}${note === '' ? '' : ` (${note})`}`,
	timelineWaived: (duty, note) => `Pendência dispensada: ${duty}${note === '' ? '' : ` (${note})`}`,
});

const shippedMinutes = 15;

/** A duty of the shipped runbook; one of the team's own page that bears no known name is called by its id. */
export const dutyName = (language: Language, kind: string): string => {
	const say = dutyWords[language];
	const names: Readonly<Record<Exclude<DutyKind, 'other'>, string>> = {cause: say.cause, runbook: say.runbook, issue: say.issue, review: say.review, 'post-mortem': say.postMortem(`${shippedMinutes} min`)};
	return Object.hasOwn(names, kind) ? names[kind as keyof typeof names] : kind;
};

/** In the runbook's own words where it has some. */
export const dutyText = (language: Language, {kind, text}: Pick<Duty, 'kind' | 'text'>): string => text ?? dutyName(language, kind);
