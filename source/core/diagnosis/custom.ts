/** The team's own rules: a line that they know means what they say it means. Theirs comes before a guess of ours, and after a proof. */

import type {Scene} from './scene.ts';
import {pingEvidence} from './scene.ts';
import {found, type Finding} from './types.ts';

const goodForMs = 5 * 60_000;

export const ownRules = (scene: Scene): readonly Finding[] => scene.settings.signatures.flatMap((rule): readonly Finding[] => scene.services
	.filter(service => rule.service === null || rule.service === service.name)
	.flatMap((service): readonly Finding[] => {
		const match = Object.values(scene.situation.matches).find(other => other.signature === rule.id && other.service === service.name && scene.nowMs - other.lastAtMs < goodForMs);
		return match === undefined ? [] : [found('custom', {
			scenario: rule.scenario, outside: rule.scenario === null ? 'none' : null, service: service.name, weight: service.failing.length > 0 || service.main?.state !== 'running' ? 'outage' : 'warning',
			confidence: 'likely', params: {text: rule.finding, name: rule.id}, sinceMs: match.firstAtMs, actions: rule.actions,
			evidence: [{code: 'log-line', params: {service: service.name, line: match.line.slice(0, 300), count: match.count}, atMs: match.lastAtMs, origin: {kind: 'log', containerId: match.containerId, service: match.service, atMs: match.lastAtMs, line: match.line}}, ...service.failing.slice(0, 1).map(ping => pingEvidence(ping))],
		})];
	}));
