/** Which Compose can be run became known, or changed. */

import {keepTools} from './compose-tools.ts';
import type {ComposeTools} from './ports.ts';
import {withState, type Step} from './step.ts';
import {repaint, resolvedNow} from './update-runs.ts';

export const onToolsFound = (step: Step, tools: ComposeTools): Step => {
	const found = withState(step, {tools: keepTools(step.state.tools, tools)});
	const {overlay} = step.state.view;
	if (overlay?.kind !== 'card') {
		return found;
	}

	const [before, now] = [step.state, found.state].map(state => resolvedNow(state, overlay.action).composeWords?.join(' '));
	return before === now ? found : repaint(found, overlay.action);
};
