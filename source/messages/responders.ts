/** Who is here, who leads, what runs: the words for several people at one incident. */

import {channelName} from './escalation.ts';
import {defineArea, type Language} from './language.ts';

export const responderWords = defineArea({
	here: 'here',
	you: 'you',
	since: (span: string) => `for ${span}`,
	lead: 'lead',
	leadNobody: 'nobody yet',
	leadKey: 't takes it over',
	runs: 'runs',
	by: (name: string) => `by ${name}`,
	lastNote: 'last note',
	/** In the first row of the screen. */
	together: (names: readonly string[]) => names.length > 2 ? `${names.length} others here` : `${names.join(', ')} here`,
	leads: (name: string) => `lead ${name}`,
	keyLead: 'take the lead',
	keyDuties: 'post-incident',
	promptLead: 'your name',
	keptNote: (text: string) => `A note you were typing is kept; m goes on with it: ${text}`,
	keptMessage: (channel: string, text: string) => `The text for ${channel} that you were editing is kept; e leads to it: ${text}`,
	keptReason: (text: string) => `The text you were typing is kept, where you typed it: ${text}`,
	journalOwn: (path: string) => `The journal lies in your own directory (${path}): the shared one does not let you write. Nobody else sees this incident.`,
	journalAside: (path: string) => `The journal was damaged. It was put aside as ${path}, and a new one begun.`,
}, {
	here: 'aqui',
	you: 'você',
	since: span => `há ${span}`,
	lead: 'conduz',
	leadNobody: 'ninguém ainda',
	leadKey: 't assume',
	runs: 'rodando',
	by: name => `por ${name}`,
	lastNote: 'nota',
	together: names => names.length > 2 ? `mais ${names.length} aqui` : `${names.join(', ')} aqui`,
	leads: name => `conduz ${name}`,
	keyLead: 'assumir a condução',
	keyDuties: 'pendências',
	promptLead: 'seu nome',
	keptNote: text => `Uma nota que você digitava foi guardada; m continua: ${text}`,
	keptMessage: (channel, text) => `O texto para ${channel} que você editava foi guardado; e leva até ele: ${text}`,
	keptReason: text => `O texto que você digitava foi guardado e está no mesmo lugar: ${text}`,
	journalOwn: path => `O diário está no seu próprio diretório (${path}): o compartilhado não deixa você escrever. Ninguém mais vê este incidente.`,
	journalAside: path => `O diário estava danificado. Foi posto de lado como ${path}, e um novo começou.`,
});

/** What was typed when the line was cut is there again: what it is, and where. */
export const keptText = (language: Language, purpose: string, channel: string, text: string): string => {
	const say = responderWords[language];
	return purpose === 'note' ? say.keptNote(text) : (purpose === 'message' ? say.keptMessage(channelName(language, channel), text) : say.keptReason(text));
};
