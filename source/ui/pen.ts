/** What every pane draws with: theme, formatter and words of one language. Made once when the screen opens. */

import {actionWords, type ActionWords} from '../messages/actions.ts';
import {diagnosis, type DiagnosisWords} from '../messages/diagnosis.ts';
import {createFormatter, type Formatter} from '../messages/format.ts';
import type {Language} from '../messages/language.ts';
import {screen, type ScreenWords} from '../messages/screen.ts';
import {incidentWords, type IncidentWords} from '../messages/timeline.ts';
import {toAnsi, type Line} from './lines.ts';
import type {Theme} from './theme.ts';

export type Pen = {
	readonly theme: Theme;
	readonly language: Language;
	readonly format: Formatter;
	readonly say: ScreenWords;
	readonly sayDiagnosis: DiagnosisWords;
	readonly sayAction: ActionWords;
	readonly sayIncident: IncidentWords;
};

/** The pen for a language, a time zone (IANA name, null for the machine's) and a theme. */
export const createPen = (language: Language, timeZone: string | null, theme: Theme): Pen => ({
	theme,
	language,
	format: createFormatter(language, timeZone),
	say: screen[language],
	sayDiagnosis: diagnosis[language],
	sayAction: actionWords[language],
	sayIncident: incidentWords[language],
});

/** Lines as the terminal takes them, joined by line breaks. */
export const ink = (lines: readonly Line[], pen: Pen): string => lines.map(line => toAnsi(line, pen.theme)).join('\n');

export type PaneSize = {readonly width: number; readonly height: number};
