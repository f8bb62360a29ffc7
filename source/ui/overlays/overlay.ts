/** Which overlay lies over the body now, drawn. */

import type {Rectangle} from '../../core/layout.ts';
import type {State} from '../../core/state.ts';
import type {Pen} from '../pen.ts';
import {drawSeverity, drawSilence} from './alert-sources.ts';
import type {Drawn} from './box.ts';
import {drawCard} from './card.ts';
import {drawChanges} from './changes.ts';
import {drawChoice} from './choice.ts';
import {drawCheck} from './check.ts';
import {drawContainer, drawPing} from './details.ts';
import {drawBriefing, drawDebrief, drawTour} from './drill.ts';
import {drawDuties} from './duties.ts';
import {drawEscalation} from './escalation.ts';
import {drawFinding} from './finding.ts';
import {drawHelp, drawPalette} from './help.ts';
import {drawIncident} from './incident.ts';
import {drawMessage} from './message.ts';
import {drawPage} from './page.ts';
import {drawProjects, drawQuit} from './questions.ts';
import {drawReader} from './reader.ts';
import {drawRun} from './run.ts';

/** The overlay of the state, or null when there is none. */
export const drawOverlay = (state: State, body: Rectangle, pen: Pen): Drawn | null => {
	const {overlay} = state.view;
	switch (overlay?.kind) {
		case undefined: {
			return null;
		}

		case 'card': {
			return drawCard(state, overlay, body, pen);
		}

		case 'choice': {
			return drawChoice(state, overlay, body, pen);
		}

		case 'run': {
			return drawRun(state, overlay, body, pen);
		}

		case 'check': {
			return drawCheck(state, overlay, body, pen);
		}

		case 'help': {
			return drawHelp(state, overlay.scroll, body, pen);
		}

		case 'palette': {
			return drawPalette(state, overlay.cursor, body, pen);
		}

		case 'incident': {
			return drawIncident(state, overlay.scroll, body, pen);
		}

		case 'silence': {
			return drawSilence(state, overlay, body, pen);
		}

		case 'severity': {
			return drawSeverity(state, overlay.cursor, body, pen);
		}

		case 'escalation': {
			return drawEscalation(state, overlay.cursor, body, pen);
		}

		case 'message': {
			return drawMessage(state, overlay, body, pen);
		}

		case 'duties': {
			return drawDuties(state, overlay.cursor, body, pen);
		}

		case 'container': {
			return drawContainer(state, overlay.id, overlay.scroll, body, pen);
		}

		case 'ping': {
			return drawPing(state, overlay.name, overlay.scroll, body, pen);
		}

		case 'finding': {
			return drawFinding(state, overlay, body, pen);
		}

		case 'changes': {
			return drawChanges(state, overlay.scroll, body, pen);
		}

		case 'page': {
			return drawPage(state, overlay, body, pen);
		}

		case 'reader': {
			return drawReader(state, overlay, body, pen);
		}

		case 'projects': {
			return drawProjects(state, overlay.cursor, body, pen);
		}

		case 'briefing': {
			return drawBriefing(state, body, pen);
		}

		case 'tour': {
			return drawTour(state, overlay.step, body, pen);
		}

		case 'debrief': {
			return drawDebrief(state, overlay.scroll, body, pen);
		}

		case 'quit': {
			return drawQuit(state, body, pen);
		}
	}
};
