/**
The clock far off: what another machine's clock says (the alert sources stamp their answers), and what programs complain of. Whether the kernel's clock is kept in step
by anybody is told by no file, and a container's clock is the host's own: without another machine nothing is claimed.
*/

import type {Scene} from './scene.ts';
import {evidence, found, type Evidence, type Finding} from './types.ts';

/** Less than this breaks nothing that is usual: tokens and certificates are given a minute, and an answer is on its way for some seconds. */
const farMs = 60_000;
/** Two that lie so close together say the same. */
const agreeMs = 10_000;

export const clockOff = (scene: Scene): readonly Finding[] => {
	const {prometheus, alertmanager} = scene.situation.alerts;
	const readings = [{source: 'prometheus', reading: prometheus.reading}, {source: 'alertmanager', reading: alertmanager.reading}]
		.flatMap(({source, reading}) => reading === null || Math.abs(reading.skewMs) < farMs ? [] : [{source, skewMs: reading.skewMs, atMs: reading.atMs}]);
	const clue = scene.services.map(service => service.failing.length > 0 ? scene.clue(service, 'clock') : null).find(other => other !== null);
	const proof: readonly Evidence[] = [...readings.map(({source, skewMs, atMs}) => evidence('clock-skew', {source, skewMs: Math.round(skewMs / 1000) * 1000}, atMs)), ...(clue == null ? [] : [clue.evidence])];
	const [first, second] = readings;
	// One other clock alone may be the wrong one of the two.
	const isAgreed = first !== undefined && ((second !== undefined && Math.abs(first.skewMs - second.skewMs) < agreeMs) || clue != null);
	return proof.length === 0 ? [] : [found('clock-off', {scenario: 3, outside: null, weight: 'warning', confidence: isAgreed ? 'likely' : 'possible', params: first === undefined ? {} : {skewMs: Math.round(first.skewMs / 1000) * 1000}, evidence: proof, confirm: ['clock']})];
};
