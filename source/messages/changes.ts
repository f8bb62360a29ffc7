/** What changed, in words. */

import type {Change} from '../core/diagnosis.ts';
import {makeSafe, type SafeText} from '../core/text.ts';
import {actionTitleOf} from './action-titles.ts';
import type {Area, Language} from './language.ts';

type Sentence = (params: (name: string) => string, language: Language) => string;

const sentences: Area<Readonly<Record<Change['kind'], Sentence>>> = {
	en: {
		commit: say => `commit ${say('hash').slice(0, 7)} "${say('subject')}"${say('how') === '' ? '' : ` (${say('how').split(':')[0]})`}`,
		image: say => `image of ${say('service')} built (${say('image')})`,
		container: say => `${say('service')} recreated`,
		environment: say => `${say('path')} edited`,
		compose: say => `${say('path')} edited`,
		code: say => `${say('path')} edited, not committed`,
		reboot: () => 'host booted',
		engine: () => 'Docker engine restarted',
		action: (say, language) => `${actionTitleOf(language, {id: say('action'), title: null})}, by ${say('actor')}`,
	},
	'pt-BR': {
		commit: say => `commit ${say('hash').slice(0, 7)} "${say('subject')}"${say('how') === '' ? '' : ` (${say('how').split(':')[0]})`}`,
		image: say => `imagem de ${say('service')} construída (${say('image')})`,
		container: say => `${say('service')} recriado`,
		environment: say => `${say('path')} editado`,
		compose: say => `${say('path')} editado`,
		code: say => `${say('path')} editado, sem commit`,
		reboot: () => 'o host iniciou',
		engine: () => 'o Docker reiniciou',
		action: (say, language) => `${actionTitleOf(language, {id: say('action'), title: null})}, por ${say('actor')}`,
	},
};

/** A change in words, without its time. */
export const changeSentence = (language: Language, change: Change): SafeText => makeSafe(sentences[language][change.kind](name => change.params[name] ?? '', language));
