/** Whether a journal is as it was written, in words: what holds, where it breaks and what that means, and what nobody can tell from the file alone. */

import type {ChainBreak, VerifiedJournal} from '../core/incident-archive.ts';
import {makeSafe} from '../core/text.ts';
import {unreadableLine} from './incidents.ts';
import {defineArea, type Language} from './language.ts';
import type {Stamp} from './stamp.ts';

export const verifyWords = defineArea({
	none: 'No journal lies here: there is nothing to verify.',
	intact: (path: string, entries: string) => `intact   ${path}: ${entries}, each sealed over the one before it`,
	empty: (path: string) => `intact   ${path}: nothing was ever written into it`,
	broken: (path: string) => `BROKEN   ${path}`,
	unsealed: (path: string) => `unsealed ${path}: written by an older version. The next console that opens it seals it.`,
	unreadable: (why: string) => `UNKNOWN  ${why}`,
	entries: (count: number) => count === 1 ? '1 entry' : `${count} entries`,
	changed: (at: number) => `Entry ${at} is not what was written: it was changed, or the one before it and its seal.`,
	removed: (from: number, to: number) => from === to ? `Entry ${from} is missing: it was removed.` : `Entries ${from} to ${to} are missing: they were removed.`,
	inserted: (from: number, to: number) => from === to ? `Entry ${from} was put in later: it is no part of the chain.` : `Entries ${from} to ${to} were put in later: they are no part of the chain.`,
	reordered: (at: number) => `Entry ${at} stands in a place that is not its own: the order was changed.`,
	notSealed: (at: number) => `Entry ${at} has no seal: another program wrote it, or an older version that was running beside.`,
	before: (last: number) => last < 1 ? 'Nothing before it can be relied on.' : `What stands before it, up to entry ${last}, is as it was written; of what follows nobody can tell.`,
	cutOff: (count: number) => count === 1 ? 'The newest entry is missing: the end was cut off.' : `The newest ${count} entries are missing: the end was cut off.`,
	sealedLater: (upTo: number) => `Entries up to ${upTo} are older than the chain: what was changed before they were sealed cannot be seen.`,
	movedIn: (from: number, to: number, at: string, intact: boolean) => `Entries ${from} to ${to} waited elsewhere while the disk took nothing, and were moved in at ${at}${intact ? '' : '; their chain there was NOT whole'}.`,
	head: (sequence: number, seal: string) => `head ${sequence}:${seal}`,
	limits: 'Not to be seen from the file alone: an older copy put in its place, or a chain made anew by who can write to it. Note the head elsewhere, and later: verify --head SEQUENCE:SEAL',
	headMissing: (sequence: number) => `The entry that was noted (${sequence}) is not in any chain here: it was changed or removed, or this is another journal.`,
	headFound: 'The noted entry is in the chain: up to there nothing was changed since.',
}, {
	none: 'Nenhum diário aqui: não há o que verificar.',
	intact: (path, entries) => `íntegro   ${path}: ${entries}, cada um selado sobre o anterior`,
	empty: path => `íntegro   ${path}: nunca se escreveu nada nele`,
	broken: path => `QUEBRADO  ${path}`,
	unsealed: path => `sem selo  ${path}: escrito por uma versão mais antiga. O próximo console que o abrir o sela.`,
	unreadable: why => `SEM SABER ${why}`,
	entries: count => count === 1 ? '1 registro' : `${count} registros`,
	changed: at => `O registro ${at} não é o que foi escrito: foi alterado, ou o anterior e o selo dele.`,
	removed: (from, to) => from === to ? `Falta o registro ${from}: foi removido.` : `Faltam os registros ${from} a ${to}: foram removidos.`,
	inserted: (from, to) => from === to ? `O registro ${from} foi posto depois: não faz parte da cadeia.` : `Os registros ${from} a ${to} foram postos depois: não fazem parte da cadeia.`,
	reordered: at => `O registro ${at} está em um lugar que não é o seu: a ordem foi alterada.`,
	notSealed: at => `O registro ${at} não tem selo: outro programa o escreveu, ou uma versão mais antiga que rodava ao lado.`,
	before: last => last < 1 ? 'Nada antes dele é confiável.' : `O que vem antes, até o registro ${last}, está como foi escrito; do que vem depois ninguém sabe dizer.`,
	cutOff: count => count === 1 ? 'Falta o registro mais novo: o fim foi cortado.' : `Faltam os ${count} registros mais novos: o fim foi cortado.`,
	sealedLater: upTo => `Os registros até ${upTo} são mais antigos que a cadeia: o que foi alterado antes de serem selados não se vê.`,
	movedIn: (from, to, at, intact) => `Os registros ${from} a ${to} esperaram em outro lugar enquanto o disco não aceitava nada, e foram trazidos em ${at}${intact ? '' : '; a cadeia deles lá NÃO estava inteira'}.`,
	head: (sequence, seal) => `fim ${sequence}:${seal}`,
	limits: 'Só pelo arquivo não se vê: uma cópia antiga posta no lugar, ou uma cadeia refeita por quem pode escrever nele. Anote o fim em outro lugar e, depois: verify --head REGISTRO:SELO',
	headMissing: sequence => `O registro anotado (${sequence}) não está em nenhuma cadeia aqui: foi alterado ou removido, ou este é outro diário.`,
	headFound: 'O registro anotado está na cadeia: até ali nada foi alterado desde então.',
});

/** What `verify` says of one journal in a word. */
export const journalStateOf = ({answer}: VerifiedJournal): 'intact' | 'broken' | 'unsealed' | 'unreadable' => {
	if (!answer.ok) {
		return 'unreadable';
	}

	const {state, firstBreak, cutOff, movedIn} = answer.value;
	return state === 'unsealed' ? 'unsealed' : (firstBreak !== null || cutOff > 0 || movedIn.some(({intact}) => !intact) ? 'broken' : 'intact');
};

const sealShown = 16;

const breakSentence = (language: Language, {kind, sequence, count}: ChainBreak): string => {
	const say = verifyWords[language];
	const last = sequence + count - 1;
	switch (kind) {
		case 'changed': {
			return say.changed(sequence);
		}

		case 'removed': {
			return say.removed(sequence, last);
		}

		case 'inserted': {
			return say.inserted(sequence, last);
		}

		case 'reordered': {
			return say.reordered(sequence);
		}

		case 'unsealed': {
			return say.notSealed(sequence);
		}
	}
};

/** One journal: a line with the verdict, and below it, indented, what there is to say. */
export const journalVerifyLines = (language: Language, journal: VerifiedJournal, stamp: Stamp): readonly string[] => {
	const say = verifyWords[language];
	const path = makeSafe(journal.path);
	const {answer} = journal;
	const state = journalStateOf(journal);
	if (!answer.ok) {
		return [say.unreadable(unreadableLine(language, answer.failure))];
	}

	const {entries, head, firstBreak, cutOff, sealedUpTo, movedIn, hasHead} = answer.value;
	const verdict = state === 'unsealed' ? say.unsealed(path) : (state === 'broken' ? say.broken(path) : (entries === 0 ? say.empty(path) : say.intact(path, say.entries(entries))));
	return [
		verdict,
		...[
			...(firstBreak === null ? [] : [breakSentence(language, firstBreak), say.before(firstBreak.sequence - 1)]),
			...(cutOff === 0 ? [] : [say.cutOff(cutOff)]),
			...movedIn.map(({from, to, atMs, intact}) => say.movedIn(from, to, stamp.local(atMs), intact)),
			...(sealedUpTo === null ? [] : [say.sealedLater(sealedUpTo)]),
			...(head === null ? [] : [say.head(head.sequence, head.seal.slice(0, sealShown))]),
			...(hasHead === true ? [say.headFound] : []),
			...(state === 'intact' && entries > 0 && hasHead !== true ? [say.limits] : []),
		].map(line => `  ${line}`),
	];
};
